"""Deriving the DSL that predicts from the DSL that trained.

Deployed components keep their place: their models come from the pipeline, their training data input
becomes a test data input. Components that are left out are bridged: whoever took data from one now
takes what that one had taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.dsl.errors import DslError, server_texts
from flowkit_mockserver.dsl.graph import Graph, read_graph
from flowkit_mockserver.dsl.later_parameters import class_on
from flowkit_mockserver.dsl.parameters import kind_of
from flowkit_mockserver.kinds.lookup import reads_table

__all__ = [
    "component_list",
    "derive_v1",
    "derive_v2",
    "generate_dsl",
    "later_code_path",
    "with_code_path",
]

Dsl = dict[str, Any]

_TARGET_KEYS = {
    "data": "data",
    "train_data": "test_data",
    "validate_data": "test_data",
    "test_data": "test_data",
}
_BRIDGED_KEYS = ("train_data", "eval_data", "test_data", "data")


def derive_v2(train_dsl: Mapping[str, Any], components: Iterable[str]) -> Dsl:
    """Return the predict DSL of a v2 training for the deployed `components`.

    References to what is not part of the predict DSL are dropped (model/deploy, job/dsl/generate).

    Raises:
        DslError: a component is unknown, or the training DSL is wrong.
    """
    trained = (train_dsl.get("components") or {}).keys()
    deployed = dict.fromkeys(components)
    unknown = [name for name in deployed if name not in trained]
    if unknown:
        names = ", ".join(repr(name) for name in unknown)
        raise DslError(f"components {{{names}}} not exist in training dsl, can not deploy!!!")
    graph = read_graph(train_dsl, version=2, mode="train")
    return _Derivation(graph, deployed.__contains__).run()


def derive_v1(graph: Graph) -> Dsl:
    """Return the predict DSL of a v1 training, from ``need_deploy`` of components and modules.

    Raises:
        DslError: the DSL has a Reader.
    """

    def deploys(name: str) -> bool:
        component = graph.components[name]
        if "need_deploy" in component:
            return bool(component["need_deploy"])
        return kind_of(name, component["module"]).need_deploy

    return _Derivation(graph, deploys).run()


def with_code_path(dsl: Mapping[str, Any], role: str) -> Dsl:
    """Return a predict DSL as the model of a role stores it: with the path of every class."""
    if not dsl:
        return {}
    stored: Dsl = copy_tree(dict(dsl))
    for name, component in stored["components"].items():
        path = kind_of(name, component["module"]).code_path.get(role)
        if path:
            component["CodePath"] = path
    return stored


def later_code_path(dsl: Mapping[str, Any], role: str, dialect: Dialect) -> Dsl:
    """Return a DSL as the model of a role stores it in the later lines: with the name of every class."""
    stored: Dsl = copy_tree(dict(dsl))
    for component in stored.get("components", {}).values():
        found = class_on(dialect, component["module"], role)
        if found:
            component["CodePath"] = found
    return stored


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


def generate_dsl(
    given: Any, train_dsl: Any, version: Any = "2", *, any_version: bool = False
) -> dict[str, Any]:
    """Return the predict DSL for the components `given` of the JSON text `train_dsl`.

    Args:
        given: the components; see `component_list`.
        train_dsl: the DSL that trained.
        version: the version of the DSL.
        any_version: whether version 1 is taken for version 2, as the later lines do.

    Raises:
        DslError: whatever is wrong; the endpoint answers every problem with the same text.
    """
    with server_texts():
        names = component_list(given)
        dsl = json.loads(train_dsl)
        if str(version) != "2" and not (any_version and str(version) == "1"):
            raise DslError("only the training DSLs of version 2 can be deployed in part")
        return derive_v2(dsl, names)


class _Derivation:
    def __init__(self, graph: Graph, deploys: Callable[[str], bool]) -> None:
        self.graph = graph
        self.components = graph.components
        self.version = graph.version
        self.deploys = deploys
        self.derived: Dsl = {}
        self.bridges: dict[str, dict[str, list[str]]] = {}

    def run(self) -> Dsl:
        for name in self.graph.order:
            if self.version != 2 and self._is_reader(name):
                raise DslError("Reader component can only be set in dsl_version 2")
            if self.deploys(name):
                self._deploy(name)
            else:
                self._bridge(name)
        return {"components": self.derived}

    def _is_reader(self, name: str) -> bool:
        return reads_table(self.components[name].get("module"))

    def _deploy(self, name: str) -> None:
        component = self.components[name]
        entry = self.derived[name] = {"module": component["module"]}
        output = component.get("output", {})
        if output.get("model") is not None:
            entry["input"] = {
                "model": [".".join(("pipeline", name, alias)) for alias in output["model"]]
            }
        if output.get("data") is not None:
            entry["output"] = {"data": copy_tree(output["data"])}
        if "input" not in component:
            return
        entry.setdefault("input", {})
        if "data" not in component["input"]:
            return
        data = self._test_data(component["input"]["data"])
        if self.version == 2:
            data = self._without_absent(data)
        if data or self.version == 1:
            entry["input"]["data"] = data

    def _test_data(self, given: Mapping[str, Any]) -> dict[str, list[str]]:
        for key, target in _TARGET_KEYS.items():
            if key in given:
                return {target: [found for item in given[key] for found in self._resolve(item)]}
        return {}

    def _resolve(self, reference: str) -> list[str]:
        source = reference.split(".", 1)[0]
        if source == "args":
            return ["args.eval_data"] if self.version == 1 else [reference]
        if (self.version == 2 and self._is_reader(source)) or self.deploys(source):
            return [reference]
        return self.bridges[source][reference.split(".")[1]]

    def _without_absent(self, data: Mapping[str, list[str]]) -> dict[str, list[str]]:
        kept = {}
        for key, references in data.items():
            present = [
                reference
                for reference in references
                if (source := reference.split(".")[0]) == "args" or source in self.derived
            ]
            if present:
                kept[key] = present
        return kept

    def _bridge(self, name: str) -> None:
        given = self.components[name].get("input", {}).get("data")
        aliases = self.components[name].get("output", {}).get("data")
        if given is None or aliases is None:
            return
        self.bridges[name] = {}
        for alias in aliases:
            key = next((key for key in _BRIDGED_KEYS if key in given), None)
            if key is None:
                raise DslError("train data or eval data or validate data or data should be set")
            reference = given[key][0]
            source = reference.split(".", 1)[0]
            if source == "args" or self.deploys(source) or self._is_reader(source):
                self.bridges[name][alias] = [reference]
            else:
                self.bridges[name][alias] = self.bridges[source][reference.split(".")[-1]]
