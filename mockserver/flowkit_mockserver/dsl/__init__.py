"""The language of jobs: DSL and runtime conf, versions 1 and 2, as FATE Flow 1.6.1 reads them.

Everything here is a pure function of JSON values. The way of a submitted job:

1. `submission.plan_submission` runs the server's checks in the server's order and returns a
   `plan.Plan`, or raises `errors.DslError` with the literal text of the answer;
2. `parsing.parse`, inside it, reads the DSL (`structure`, `graph`), merges the parameters of every
   component and has its kind check them (`parameters`), and finds the data;
3. `submission.creation_answers` tells which party refuses to create the job.

`predict_dsl` and `predict_conf` derive what predicts from what trained.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.dependency import conf_dependency, dag_dependency
    from flowkit_mockserver.dsl.errors import DslError, server_texts
    from flowkit_mockserver.dsl.graph import Graph, read_graph, verify_dsl
    from flowkit_mockserver.dsl.parameters import parameters_answer, validate_component
    from flowkit_mockserver.dsl.parsing import Parsed, parse
    from flowkit_mockserver.dsl.plan import (
        Plan,
        PlannedTask,
        data_sets,
        job_cores,
        job_view,
        party_order,
    )
    from flowkit_mockserver.dsl.predict_dsl import (
        derive_v1,
        derive_v2,
        generate_dsl,
        with_code_path,
    )
    from flowkit_mockserver.dsl.submission import (
        FindModel,
        creation_answers,
        creation_failed,
        plan_submission,
    )

__all__ = [
    "DslError",
    "FindModel",
    "Graph",
    "Parsed",
    "Plan",
    "PlannedTask",
    "conf_dependency",
    "creation_answers",
    "creation_failed",
    "dag_dependency",
    "data_sets",
    "derive_v1",
    "derive_v2",
    "generate_dsl",
    "job_cores",
    "job_view",
    "parameters_answer",
    "parse",
    "party_order",
    "plan_submission",
    "read_graph",
    "server_texts",
    "validate_component",
    "verify_dsl",
    "with_code_path",
]

_HOMES = {
    "DslError": "errors",
    "FindModel": "submission",
    "Graph": "graph",
    "Parsed": "parsing",
    "Plan": "plan",
    "PlannedTask": "plan",
    "conf_dependency": "dependency",
    "creation_answers": "submission",
    "creation_failed": "submission",
    "dag_dependency": "dependency",
    "data_sets": "plan",
    "derive_v1": "predict_dsl",
    "derive_v2": "predict_dsl",
    "generate_dsl": "predict_dsl",
    "job_cores": "plan",
    "job_view": "plan",
    "parameters_answer": "parameters",
    "parse": "parsing",
    "party_order": "plan",
    "plan_submission": "submission",
    "read_graph": "graph",
    "server_texts": "errors",
    "validate_component": "parameters",
    "verify_dsl": "graph",
    "with_code_path": "predict_dsl",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a server that runs no job does without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
