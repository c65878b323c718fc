"""The parameters of components, merged: the defaults of the class, the common part, the part of the role.

The result for one component is ``{role: [stored object of party 0, of party 1, …]}`` for the roles
that run its module. A stored object is what the server keeps per party: the merged parameters under
the name of their class, ``module``, ``CodePath``, ``role`` (the roles that run it) and ``local``
(whose parameters these are). The server also repeats the whole conf in each of them; here only its
top-level keys that end in ``Param`` are repeated, since these show in component/parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.exceptions import server_text
from flowkit_mockserver.dsl.conf import applies, copy_tree, require
from flowkit_mockserver.dsl.errors import DOCUMENT_ERRORS, DslError, server_texts
from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.kinds.older import kind_on
from flowkit_mockserver.kinds.rules import check

__all__ = [
    "RoleParameters",
    "kind_of",
    "merge_component",
    "need_run",
    "parameters_answer",
    "validate_component",
]

Conf = Mapping[str, Any]
RoleParameters = dict[str, list[dict[str, Any]]]

_NOT_REPEATED = ("algorithm_parameters", "role_parameters")


def kind_of(component: str, module: str, dialect: Dialect | None = None) -> Kind:
    """Return the kind that a component names as its module, as a line knows it; None: as 1.6 does.

    Raises:
        DslError: there is no such kind.
    """
    # The server looks for the name of a settings file: what is no text fails here.
    file = module + ".json"
    name = file.removesuffix(".json")
    changed = dialect is not None and dialect.older_kinds
    kind = kind_on(dialect, name) if dialect is not None and changed else find_kind(name)
    if kind is None or kind.later_only or kind.name != name:
        raise DslError(
            f"Component {component}, module {module} does not exist"
            " under the fold federatedml.setting_conf"
        )
    return kind


def merge_component(
    conf: Conf,
    module_name: str,
    component: str,
    *,
    version: int,
    redundant_check: bool = True,
    dialect: Dialect | None = None,
) -> RoleParameters:
    """Return the stored parameters of one component for every role and party that runs it.

    Args:
        conf: runtime conf in the layout of DSL `version`.
        module_name: module of the component.
        component: its name in the DSL.
        version: 1 or 2.
        redundant_check: whether an unknown parameter is refused; else it is skipped.
        dialect: how the server speaks; None as 1.6 does.

    Raises:
        DslError: unknown module, redundant parameter, wrong role list, failed check of the class.
    """
    kind = kind_of(component, module_name, dialect)
    if not conf:
        raise DslError("SubMitConf is None, does not exist")
    roles = {role: parties for role, parties in conf["role"].items() if role in kind.code_path}
    repeated = {
        key: value
        for key, value in conf.items()
        if key.endswith("Param") and key not in _NOT_REPEATED
    }
    result: RoleParameters = {}
    for role, parties in roles.items():
        result[role] = []
        for index in range(len(parties)):
            stored = {kind.param_class: copy_tree(dict(kind.defaults))} | repeated
            merger = _Merger(component, kind, role, index, len(parties), redundant_check)
            layers = _layers_v2 if version == 2 else _layers_v1
            merger.overlay(stored[kind.param_class], layers(conf, merger))
            local = conf.get("local", {})
            # A conf with a "local" of its own shares that one object among all parties.
            local.update({"role": role, "party_id": parties[index]})
            result[role].append(
                stored
                | {
                    "local": local,
                    "CodePath": kind.code_path[role],
                    "module": kind.name,
                    "role": roles,
                }
            )
    return result


def parameters_answer(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what component/parameters shows of a stored object: the module and the parameters."""
    shown = {key: value for key, value in stored.items() if key.endswith("Param")}
    return {"module": stored.get("module", ""), **shown}


#: How Python names a method that is called on something else; before 3.8, on which the first lines run, otherwise.
_DESCRIPTOR = re.compile(
    r"^(descriptor '\w+') for ('\w+') objects doesn't apply to a ('\w+') object$"
)


def _first_text(error: Exception) -> str:
    return _DESCRIPTOR.sub(r"\1 requires a \2 object but received a \3", server_text(error))


Layer = tuple[Mapping[str, Any], Callable[[str, Any], Any]]


class _Merger:
    """The parameters of one component on one party, being put together."""

    def __init__(
        self,
        component: str,
        kind: Kind,
        role: str,
        index: int,
        party_count: int,
        redundant_check: bool,
    ) -> None:
        self.component = component
        self.kind = kind
        self.role = role
        self.index = index
        self.party_count = party_count
        self.redundant_check = redundant_check

    def overlay(self, target: dict[str, Any], layers: Iterator[Layer]) -> None:
        """Lay every layer over the defaults in `target` and run the check of the class."""
        for layer, pick in layers:
            self._merge(target, self.kind.defaults, layer, pick)
        try:
            check(self.kind.rules, target)
        except DOCUMENT_ERRORS as error:
            raise DslError(
                f"Component {self.component}, module {self.kind.name},"
                f" does not pass component check, error msg is {_first_text(error)}"
            ) from error

    def as_given(self, _name: str, value: Any) -> Any:
        """Take a value as it stands."""
        return value

    def own_element(self, name: str, values: Any) -> Any:
        """Take this party's element of a list with one element a party (role_parameters of v1)."""
        if not isinstance(values, list):
            raise DslError(f"Role {self.role} role parameter {name} should be list")
        if len(values) != self.party_count:
            raise DslError(
                f"Role {self.role} role parameter {name} should be a list of same length with roles"
            )
        return values[self.index]

    def _merge(
        self,
        target: dict[str, Any],
        defaults: Mapping[str, Any],
        layer: Mapping[str, Any],
        pick: Callable[[str, Any], Any],
    ) -> None:
        for name, value in layer.items():
            if name not in defaults:
                if not self.redundant_check:
                    continue
                raise DslError(
                    f"Component {self.component}, module {self.kind.name},"
                    f" has redundant parameter {name}"
                )
            if isinstance(defaults[name], dict) and name not in self.kind.whole_maps:
                self._merge(target[name], defaults[name], value, pick)
            else:
                target[name] = pick(name, value)


def _layers_v2(conf: Conf, merger: _Merger) -> Iterator[Layer]:
    parameters = conf.get("component_parameters", {})
    common = parameters.get("common", {})
    if merger.component in common:
        yield common[merger.component], merger.as_given
    by_index = parameters.get("role", {}).get(merger.role, {})
    for indexes in by_index.keys():  # noqa: SIM118 - what is no map fails on "keys"
        if applies(indexes, merger.index) and merger.component in by_index[indexes]:
            yield by_index[indexes][merger.component], merger.as_given


def _layers_v1(conf: Conf, merger: _Merger) -> Iterator[Layer]:
    common = conf.get("algorithm_parameters", {})
    if merger.component in common:
        yield common[merger.component], merger.as_given
    of_role = conf.get("role_parameters", {}).get(merger.role, {})
    if merger.component in of_role:
        yield of_role[merger.component], merger.own_element


def need_run(kind: Kind, stored: Sequence[Mapping[str, Any]], index: int) -> bool:
    """Tell whether a party's parameters let the component run."""
    parameters = own_parameters(kind, stored[index])
    return parameters is not None and parameters.get("need_run") is not False


def own_parameters(kind: Kind, stored: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the parameters of a party, as they are stored, hold for the kind; None when it has none."""
    own: Mapping[str, Any] | None = stored.get(kind.param_class, stored.get("ComponentParam"))
    return own


_CONF_KEYS = {
    1: ("role", "role_parameters", "algorithm_parameters"),
    2: ("role", "component_parameters"),
}


def validate_component(body: Any, dialect: Dialect | None = None) -> None:
    """Check the body of component/validate, as a line does.

    Raises:
        HttpRefusal: 400 with the text of the first problem, 500 if the version is no number.
    """
    if not body or not isinstance(body, dict):
        raise HttpRefusal(400, "bad request")
    try:
        version = int(body.get("dsl_version", 0))
    except DOCUMENT_ERRORS as error:
        raise HttpRefusal(500, server_text(error)) from error
    if version not in _CONF_KEYS:
        raise HttpRefusal(400, "unsupported dsl_version")
    keys = _CONF_KEYS[version]
    try:
        with server_texts():
            require(body, ("component_name", "component_module_name", *keys))
            conf = copy_tree({key: body[key] for key in keys})
            module, component = body["component_module_name"], body["component_name"]
            merge_component(conf, module, component, version=version, dialect=dialect)
    except DslError as error:
        raise HttpRefusal(400, error.retmsg) from error
