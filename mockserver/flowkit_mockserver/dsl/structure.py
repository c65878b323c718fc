"""Reading the components of a DSL: their shape, their names, and what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.errors import DslError

__all__ = ["Links", "link_components", "read_components"]

_MODEL_KEYS = ("model", "isometric_model")
_OUTSIDE = ("args", "pipeline")


def read_components(dsl: Any, *, mode: str, version: int) -> Mapping[str, Any]:
    """Return the components of a DSL after checking that they have a module and a proper name.

    Names are free of checks in a DSL v1 that predicts.

    Raises:
        DslError: with the text of the first problem, in the order of declaration.
    """
    if not dsl:
        raise DslError("There are no dsl, please check if the role and party id are correct")
    components = dsl.get("components")
    if components is None:
        raise DslError("No components filed in dsl, please have a check!")
    for name in components:
        if "module" not in components[name]:
            raise DslError(
                f"Component {name}, module field does not exist in dsl, please have a check"
            )
    if version == 2:
        for name in components:
            _check_name_v2(name)
    elif mode == "train":
        _check_names_v1({name: components[name]["module"] for name in components})
    checked: Mapping[str, Any] = components
    return checked


def _check_name_v2(name: str) -> None:
    if not all(letter.isalpha() or letter.isdigit() or letter in "_-" for letter in name):
        raise DslError(
            f"Component name {name}'is not illegal,"
            " it should be consits of letter, digit, '-'  and '_'"
        )


def _check_names_v1(modules: Mapping[str, Any]) -> None:
    indexes: dict[str, list[int]] = {}
    module_of_prefix: dict[str, Any] = {}
    for name, module in modules.items():
        prefix, underscore, digits = name.rpartition("_")
        if not underscore:
            raise DslError(
                "Component's name should be format of name_index, index is start from 0"
                f" and be consecutive for same module, {name} is error"
            )
        try:
            indexes.setdefault(prefix, []).append(int(digits))
        except ValueError:
            raise _index_error(name) from None
        if module_of_prefix.setdefault(prefix, module) != module:
            raise DslError(
                f"Component prefix {prefix} should be used for only one module, but another"
            )
    for prefix, numbers in indexes.items():
        if len(numbers) != max(numbers) + 1:
            raise _index_error(prefix)


def _index_error(name: str) -> DslError:
    return DslError(f"Component {name}'s index should be an integer start from 0")


class Links:
    """Who refers to whom in a DSL.

    Attributes:
        upstream: component -> components whose data or models it takes, each once.
        downstream: component -> components that take its data or models, each once.
        model_source: component with ``input.model``, or in the later lines ``input.cache`` -> the component whose
            parameters it takes over.
        args: the keys that data inputs take from the conf (``args.KEY``), each once.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.upstream: dict[str, list[str]] = {name: [] for name in names}
        self.downstream: dict[str, list[str]] = {name: [] for name in names}
        self.model_source: dict[str, str] = {}
        self.args: list[str] = []

    def add(self, source: str, consumer: str) -> None:
        """Record that `consumer` takes something from `source`."""
        if consumer not in self.downstream[source]:
            self.downstream[source].append(consumer)
            self.upstream[consumer].append(source)


def link_components(components: Mapping[str, Any], *, mode: str, later: bool = False) -> Links:
    """Resolve every reference between components.

    Model inputs are looked at only in a DSL that trains.

    Args:
        components: the components.
        mode: ``train`` or ``predict``.
        later: FATE Flow is a project of its own: nothing comes from outside the DSL while it trains, caches are
            passed on, and what does not exist is named in other words.

    Raises:
        DslError: an input or output has the wrong shape, or refers to what does not exist.
    """
    outputs = _declared_outputs(components)
    links = Links(components)
    for name, component in components.items():
        given = component.get("input")
        if given is None:
            continue
        if not isinstance(given, dict):
            raise DslError(f"Input of component {name} should be dict")
        if mode == "train":
            _link_models(name, given, outputs, links, later=later)
        if later and "cache" in given:
            _link_caches(name, given["cache"], outputs, links)
        if later and not _takes_over(name, component, components, links):
            links.model_source.pop(name, None)
        if "data" in given:
            _link_data(name, given["data"], outputs, links, later=later)
    if later:
        for name in links.model_source:
            links.model_source[name] = _first_source(name, links)
    return links


def _first_source(name: str, links: Links) -> str:
    """Return the first of the components that take over each other's parameters, in the later lines."""
    seen = {name}
    while (source := links.model_source.get(name)) is not None and source not in seen:
        seen.add(source)
        name = source
    return name


def _takes_over(
    name: str, component: Mapping[str, Any], components: Mapping[str, Any], links: Links
) -> bool:
    """Say whether a component has the parameters of the one that gives its model or cache, in the later lines.

    One that trains on from a model (a warm start), or takes what another module gives, has its own.
    """
    given = component["input"]
    source = links.model_source.get(name)
    if source is None or ("model" in given and "train_data" in given.get("data", {})):
        return False
    return bool(components[source].get("module") == component.get("module"))


Outputs = Mapping[str, Mapping[str, Any]]


def _declared_outputs(components: Mapping[str, Any]) -> Outputs:
    outputs: dict[str, dict[str, Any]] = {}
    for name, component in components.items():
        outputs[name] = {}
        if "output" not in component:
            continue
        declared = component["output"]
        if not isinstance(declared, dict):
            raise DslError(
                f"Output of component {name} should be dict, but {declared} does not match"
            )
        for key in ("data", "model", "cache"):
            if key not in declared:
                continue
            if not isinstance(declared[key], list):
                raise DslError(f"Component {name}'s output key {key} value type should be list")
            outputs[name][key] = declared[key]
    return outputs


def _link_models(
    name: str, given: Mapping[str, Any], outputs: Outputs, links: Links, *, later: bool
) -> None:
    for key in _MODEL_KEYS:
        if key not in given:
            continue
        references = given[key]
        if not isinstance(references, list):
            raise DslError(
                f"Component {name}'s input model value type should be list,"
                f" but {references} not match"
            )
        for reference in references:
            parts = reference.split(".")
            source, shown_alias = parts[0], parts[0][0]
            if source in _OUTSIDE and not later:
                source = parts[1]
            if source not in outputs:
                word = key if later else "model"
                raise DslError(f"Component {name}'s {word} input {source} does not exist")
            if "model" not in outputs[source] and later:
                raise _no_output(name, source, key, parts[-1])
            if "model" not in outputs[source]:
                # The text names the first letter of the source where the alias was meant.
                raise DslError(
                    f"Component {name}' s model input {source}'s"
                    f" output model {shown_alias} does not exist"
                )
            links.add(source, name)
            if key == "model":
                links.model_source[name] = source


def _no_output(name: str, source: str, key: str, alias: str) -> DslError:
    return DslError(f"Component {name}' s {source} input {key}'s output {alias} does not exist")


def _link_caches(name: str, references: Any, outputs: Outputs, links: Links) -> None:
    if not isinstance(references, list):
        raise DslError(
            f"Component {name}'s input model type should be list, but {references} not match"
        )
    for reference in references:
        source, alias = reference.split(".")[0], reference.split(".")[-1]
        if source not in outputs:
            raise DslError(f"Component {name}'s cache input {source} does not exist")
        if "cache" not in outputs[source]:
            raise _no_output(name, source, "cache", alias)
        links.add(source, name)
        links.model_source[name] = source


def _link_data(name: str, data: Any, outputs: Outputs, links: Links, *, later: bool) -> None:
    if not isinstance(data, dict):
        raise DslError(f"Component {name}'s input data type should be dict")
    for references in data.values():
        if not isinstance(references, list):
            raise DslError(
                f"Component {name}'s input data type should be list, but {references} not match"
            )
        for reference in references:
            parts = reference.split(".")
            source, alias = parts[0], parts[-1]
            if source in _OUTSIDE and not later:
                if alias not in links.args:
                    links.args.append(alias)
                continue
            if source not in outputs:
                raise DslError(f"Component {name}'s data input {source} does not exist")
            if alias not in outputs[source].get("data", ()) and later:
                raise _no_output(name, source, "data", alias)
            if alias not in outputs[source].get("data", ()):
                raise DslError(
                    f"Component {name}' data input {source}'s output data {alias} does not exist"
                )
            links.add(source, name)
