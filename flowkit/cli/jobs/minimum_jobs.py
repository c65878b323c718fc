"""The trainings of ``flowkit test min``: configurations and DSLs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["DATA", "Data", "Parties", "Training", "trainings"]


class Data(NamedTuple):
    """Tables of FATE's examples.

    Attributes:
        name: what the tables' names begin with.
        usual_auc: AUC that a training on them reaches.
    """

    name: str
    usual_auc: float


class Parties(NamedTuple):
    """Who takes part, by party id."""

    guest: int
    host: int
    arbiter: int


@dataclass(frozen=True, slots=True)
class Training:
    """One training.

    Attributes:
        component: the component that trains.
        conf: the runtime configuration.
        dsl: the DSL.
        tables: name and namespace of the tables, by role.
        deployed: the components that predicting needs.
        usual_auc: AUC that it reaches.
    """

    component: str
    conf: dict[str, Any]
    dsl: dict[str, Any]
    tables: dict[str, dict[str, str]]
    deployed: list[str]
    usual_auc: float


DATA = {
    "fast": Data("breast_hetero", 0.98),
    "normal": Data("default_credit_hetero", 0.69),
}
NAMESPACE = "experiment"
BEFORE = ["reader_0", "data_transform_0", "intersection_0"]

LR, SBT = "hetero_lr_0", "hetero_secureboost_0"
MODULES = {LR: "HeteroLR", SBT: "HeteroSecureBoost"}
PARAMETERS: dict[str, dict[str, Any]] = {
    LR: {
        "penalty": "L2",
        "tol": 0.0001,
        "alpha": 0.01,
        "optimizer": "rmsprop",
        "batch_size": -1,
        "learning_rate": 0.15,
        "init_param": {"init_method": "zeros", "fit_intercept": True},
        "max_iter": 30,
        "early_stop": "diff",
        "encrypt_param": {"key_length": 1024},
        "validation_freqs": 3,
    },
    SBT: {
        "task_type": "classification",
        "objective_param": {"objective": "cross_entropy"},
        "num_trees": 3,
        "validation_freqs": 1,
        "encrypt_param": {"method": "paillier"},
        "tree_param": {"max_depth": 3},
    },
}


def trainings(
    parties: Parties, data: Data, *, sbt: bool, work_mode: int | None
) -> Iterator[Training]:
    """Yield a logistic regression and, if wanted, SecureBoost.

    Args:
        parties: who takes part; SecureBoost has no arbiter.
        data: the tables.
        sbt: whether SecureBoost is wanted.
        work_mode: what servers up to 1.6 want to know; None for later ones.
    """
    tables = {
        role: {"name": f"{data.name}_{role}", "namespace": NAMESPACE} for role in ("guest", "host")
    }
    for component in (LR, SBT) if sbt else (LR,):
        roles = {"guest": [parties.guest], "host": [parties.host]}
        if component == LR:
            roles["arbiter"] = [parties.arbiter]
        conf = _conf(parties.guest, roles, component, tables, work_mode)
        deployed = [*BEFORE, component]
        yield Training(component, conf, _dsl(component), tables, deployed, data.usual_auc)


def _conf(
    guest: int,
    roles: dict[str, list[int]],
    component: str,
    tables: dict[str, dict[str, str]],
    work_mode: int | None,
) -> dict[str, Any]:
    """Return the runtime configuration."""
    labelled = {
        "guest": {"with_label": True, "output_format": "dense"},
        "host": {"with_label": False},
    }
    return {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": guest},
        "role": roles,
        "job_parameters": {"common": {} if work_mode is None else {"work_mode": work_mode}},
        "component_parameters": {
            "common": {component: PARAMETERS[component], "evaluation_0": {"eval_type": "binary"}},
            "role": {
                role: {"0": {"reader_0": {"table": table}, "data_transform_0": labelled[role]}}
                for role, table in tables.items()
            },
        },
    }


def _dsl(component: str) -> dict[str, Any]:
    """Return the DSL: read, transform, intersect, train, evaluate."""

    def data(kind: str, source: str) -> dict[str, Any]:
        return {"data": {kind: [f"{source}.data"]}}

    output = {"data": ["data"], "model": ["model"]}
    return {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "data_transform_0": {
                "module": "DataTransform",
                "input": data("data", "reader_0"),
                "output": output,
            },
            "intersection_0": {
                "module": "Intersection",
                "input": data("data", "data_transform_0"),
                "output": {"data": ["data"]},
            },
            component: {
                "module": MODULES[component],
                "input": data("train_data", "intersection_0"),
                "output": output,
            },
            "evaluation_0": {
                "module": "Evaluation",
                "input": data("data", component),
                "output": {"data": ["data"]},
            },
        }
    }
