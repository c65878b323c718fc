"""job/dsl/generate: a predict DSL from the text of a training DSL and a list of components."""

from __future__ import annotations

import json
from typing import Any

from flowkit_mockserver.dsl.errors import DslError, server_texts
from flowkit_mockserver.dsl.predict_dsl import derive_v2

__all__ = ["component_list", "generate_dsl"]


def component_list(given: Any) -> list[str]:
    """Return the names in ``cpn_str``: a list, or a text such as ``"[a_0, b_0]"``.

    Raises:
        DslError: there are none, or the text is a path.
    """
    if not given:
        raise DslError("Component list should not be empty.")
    if isinstance(given, list):
        return given
    if given.startswith("/") or "\\" in given:
        raise DslError("Component list string should not contain '/' or '\\'.")
    return str(given).replace(" ", "").replace("\n", "").strip(",[]").split(",")


def generate_dsl(given: Any, train_dsl: Any, version: Any = "2") -> dict[str, Any]:
    """Return the predict DSL for the components `given` of the JSON text `train_dsl`.

    Raises:
        DslError: whatever is wrong; the endpoint answers every problem with the same text.
    """
    with server_texts():
        names = component_list(given)
        dsl = json.loads(train_dsl)
        if str(version) != "2":
            raise DslError("only the training DSLs of version 2 can be deployed in part")
        return derive_v2(dsl, names)
