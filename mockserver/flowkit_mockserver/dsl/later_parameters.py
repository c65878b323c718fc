"""The parameters of components as the later lines keep them: each party checks its own, in a process of its own.

What a party keeps of a component is the conf without the parameters of components, and beside it the merged
parameters under ``ComponentParam``, the class that the role runs (``CodePath``), the module, and whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.dialects.dialect import ChangedKind
from flowkit_mockserver.dialects.exceptions import server_text, traceback_of
from flowkit_mockserver.dialects.facts import FLOW_PROVIDER, provider_of
from flowkit_mockserver.dsl.conf import applies, copy_tree
from flowkit_mockserver.dsl.errors import DOCUMENT_ERRORS
from flowkit_mockserver.dsl.graph import Graph
from flowkit_mockserver.kinds.callbacks import FED
from flowkit_mockserver.kinds.lookup import find_kind, find_kind_in_any_letters

__all__ = [
    "PARAMETER_KEY",
    "ParametersRefused",
    "RoleParameters",
    "class_on",
    "component_parameters",
    "party_parameters",
    "running_parameters",
]

Conf = Mapping[str, Any]
RoleParameters = dict[str, list[dict[str, Any]]]

#: Under which the merged parameters stand.
PARAMETER_KEY = "ComponentParam"


class ParametersRefused(Exception):
    """A party refuses the parameters of a component; the text is that of its answer."""


class _FramedText(str):
    """A text with the frames of a traceback, which are left out here; its quotes are those that they bring about."""

    __slots__ = ()

    def __repr__(self) -> str:
        # The frames hold double quotes, so that Python takes single ones around the text and escapes those in it.
        return repr(str(self) + '"')[:-2] + "'"


def known_kind(dialect: Dialect, module: str) -> ChangedKind | None:
    """Return what a line knows of a module; None if there is none of that name."""
    changed = (dialect.kinds or {}).get(module)
    if changed is not None:
        return changed
    kind = find_kind(module)
    if kind is None or kind.algorithm.startswith("flowkit_mockserver."):
        return None
    # A kind from outside the mock belongs to every line.
    return ChangedKind(kind.param_class, kind.code_path, kind.defaults, kind.whole_maps)


def class_on(dialect: Dialect, module: str, role: str) -> str | None:
    """Return the class that a role runs for a module, None when it skips it."""
    kind = known_kind(dialect, module)
    return None if kind is None else kind.roles.get(role)


def component_parameters(graph: Graph, conf: Conf, dialect: Dialect) -> dict[str, RoleParameters]:
    """Return the stored parameters of every component: component → role → one a party.

    Parties that refuse, and roles that run nothing, are left out; see `party_parameters`.
    """
    found: dict[str, RoleParameters] = {}
    for name in graph.order:
        by_role: RoleParameters = {}
        for role, parties in conf["role"].items():
            stored = []
            for index in range(len(parties)):
                try:
                    own = party_parameters(graph, conf, name, role, index, dialect)
                except ParametersRefused:
                    own = None
                if own is not None:
                    stored.append(own)
            if len(stored) == len(parties) and stored:
                by_role[role] = stored
        found[name] = by_role
    return found


def party_parameters(
    graph: Graph, conf: Conf, component: str, role: str, index: int, dialect: Dialect
) -> dict[str, Any] | None:
    """Return the stored parameters of a component on one party, None when its role does not run it.

    Raises:
        ParametersRefused: the module has no provider, or its class does not take the parameters.
    """
    module = graph.module(component)
    kind = known_kind(dialect, module)
    if kind is None:
        known = {name.lower() for name in dialect.kinds or ()}
        if module.lower() in known:
            raise ParametersRefused(_in_worker(traceback_of(module, KeyError(module)), dialect))
        text = f"component {component}, module {module}'s provider does not exist"
        shown = f"ValueError({text!r})" if dialect.exceptions_as_repr else text
        raise ParametersRefused(shown)
    if role not in kind.roles:
        return None
    source = graph.model_source(component) or component
    try:
        given = list(_given(conf, source, role, index))
    except (AttributeError, TypeError) as error:
        raise ParametersRefused(_in_worker(traceback_of(str(error), error), dialect)) from error
    party = conf["role"][role][index]
    rest = {key: value for key, value in conf.items() if key != "component_parameters"}
    runs = {name: parties for name, parties in conf["role"].items() if name in kind.roles}
    return {
        **copy_tree(rest),
        "CodePath": kind.roles[role],
        PARAMETER_KEY: _merged(kind, module, source, given, dialect),
        **({"ComponentParameterSource": source} if dialect.reworked else {}),
        "local": {"party_id": party, "role": role},
        "module": module,
        "role": runs,
    }


def running_parameters(
    graph: Graph,
    parameters: Mapping[str, Mapping[str, Mapping[str, Any]]],
    component: str,
    role: str,
    party_id: str,
) -> Mapping[str, Any]:
    """Return what a component runs with on a party, beside what is stored.

    One that trains on from the model of another runs with the parameters of that one, but for those that the user
    gave to it. What the class of the line has dropped is there with its default: an algorithm may ask for it.

    Args:
        graph: the components.
        parameters: component → role → party id → stored parameters.
        component: its name.
        role: of the party.
        party_id: of the party, as text.
    """
    stored: Mapping[str, Any] = parameters[component][role][party_id]
    kind = find_kind_in_any_letters(graph.module(component))
    if kind is None:
        return stored
    own = stored[PARAMETER_KEY]
    source = _warm_source(graph, component)
    before = parameters.get(source, {}).get(role, {}).get(party_id)
    if before is not None:
        base: dict[str, Any] = copy_tree(before[PARAMETER_KEY])
        for path in own.get(FED, ()):
            _take_over(own, base, path.split("."))
        own = base
    return {**stored, PARAMETER_KEY: {**kind.defaults, **own}}


def _warm_source(graph: Graph, component: str) -> str:
    """Return the component of the same module on whose model a component trains on; empty if there is none."""
    references = graph.model_inputs(component)
    source = references[0].partition(".")[0] if references else ""
    if source not in graph.components or graph.model_source(component) is not None:
        return ""
    return source if graph.module(source) == graph.module(component) else ""


def _take_over(given: Mapping[str, Any], target: dict[str, Any], path: list[str]) -> None:
    """Copy the value at a path of names from one map into another."""
    *folders, name = path
    for folder in folders:
        given, target = given[folder], target[folder]
    target[name] = given[name]


def _given(conf: Conf, component: str, role: str, index: int) -> Iterator[Mapping[str, Any]]:
    """Yield what the conf says of a component, for all and for one party.

    Raises:
        AttributeError, TypeError: it says nothing that could be parameters; the texts are those of the server.
    """
    parameters = conf.get("component_parameters", {})
    common = parameters.get("common", {}).get(component, {})
    if common:
        common.get("")
        yield common
    for indexes, own in parameters.get("role", {}).get(role, {}).items():
        if applies(indexes, index) and component in own:
            _ = "" in own[component]
            yield own[component]


def _spelled(module: str) -> str:
    """Return how a module calls itself: one that has two names by both."""
    kind = find_kind(module)
    if kind is None or kind.later_name is None:
        return module
    return f"{kind.later_name}|{kind.name}"


def _merged(
    kind: ChangedKind,
    module: str,
    component: str,
    given: list[Mapping[str, Any]],
    dialect: Dialect,
) -> dict[str, Any]:
    values: dict[str, Any] = copy_tree(dict(kind.defaults))
    fed: list[str] = []
    redundant: list[list[str]] = []
    for layer in given:
        try:
            _overlay(values, kind.defaults, layer, kind.maps, (), fed, redundant)
        except AttributeError as error:
            raise ParametersRefused(_in_worker(traceback_of(str(error), error), dialect)) from error
    name = f"{_spelled(module)}#{component}"
    if redundant:
        text = f"cpn `{name}` has redundant parameters: `{redundant}`"
        raise ParametersRefused(_in_worker(traceback_of(text, ValueError(text)), dialect))
    try:
        _check(module, values, kind.defaults, fed, dialect.behaviour)
    except (*DOCUMENT_ERRORS, PermissionError) as error:
        text = server_text(error)
        raise ParametersRefused(_in_worker(traceback_of(text, error), dialect)) from error
    if provider_of(module) == FLOW_PROVIDER:
        own = find_kind(module)
        if own is not None and own.later.parameters is not None:
            own.later.parameters(values)
        return {"_name": name, **values}
    distinct = list(dict.fromkeys(fed))
    return {
        "_feeded_deprecated_params": [path for path in distinct if path in kind.deprecated],
        "_is_raw_conf": False,
        "_name": name,
        FED: distinct,
        **values,
    }


def _overlay(
    target: dict[str, Any],
    defaults: Mapping[str, Any],
    layer: Any,
    maps: frozenset[str],
    path: tuple[str, ...],
    fed: list[str],
    redundant: list[list[str]],
) -> None:
    for name, value in layer.items():
        here = (*path, name)
        if name not in defaults:
            redundant.append(list(here))
            continue
        fed.append(".".join(here))
        nested = isinstance(defaults[name], dict) and ".".join(here) not in maps
        if nested and not isinstance(value, dict):
            text = f"{type(value).__name__!r} object has no attribute 'items'"
            raise AttributeError(text)
        if nested:
            _overlay(target[name], defaults[name], value, maps, here, fed, redundant)
        else:
            target[name] = copy_tree(value)


def _check(
    module: str,
    values: Mapping[str, Any],
    defaults: Mapping[str, Any],
    fed: list[str],
    behaviour: Behaviour,
) -> None:
    """Check the parameters by the rules of the kind.

    A rule about a parameter that the line does not have is none of its rules. Neither is one of the first lines that
    the defaults break.
    """
    kind = find_kind_in_any_letters(module)
    if kind is None:
        return
    checked, fresh = {**copy_tree(dict(values)), FED: fed}, {**copy_tree(dict(defaults)), FED: []}
    rules = kind.rules_on(behaviour)
    ended: tuple[type[Exception], ...] = DOCUMENT_ERRORS if rules is kind.rules else (KeyError,)
    for rule in rules:
        try:
            rule(fresh)
        except ended:
            continue
        except DOCUMENT_ERRORS:
            pass
        rule(checked)


def _in_worker(traceback: str, dialect: Dialect) -> str:
    """Return what a party answers to an exception in the process that checks its parameters."""
    if not dialect.exceptions_as_repr:
        return _FramedText(traceback)
    return _FramedText(f"Exception({_FramedText(traceback)!r})")
