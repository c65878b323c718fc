"""Merging component parameters: the defaults of the class, the common part, the part of the role.

The result for one component is ``{role: [stored object of party 0, of party 1, …]}`` for the roles
that run its module. A stored object is what the server keeps per party: the merged parameters under
the name of their class, ``module``, ``CodePath``, ``role`` (the roles that run it) and ``local``
(whose parameters these are). The server also repeats the whole conf in each of them; here only its
top-level keys that end in ``Param`` are repeated, since these show in component/parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flowkit_mockserver.dsl.checks import check_parameters
from flowkit_mockserver.dsl.errors import STUMBLES, DslError, python37_text
from flowkit_mockserver.dsl.modules import PLAIN_MAPS, Module, module_of

__all__ = ["RoleParameters", "merge_component", "parameters_answer"]

Conf = Mapping[str, Any]
RoleParameters = dict[str, list[dict[str, Any]]]

_NOT_REPEATED = ("algorithm_parameters", "role_parameters")


def merge_component(
    conf: Conf, module_name: str, component: str, *, version: int, redundant_check: bool = True
) -> RoleParameters:
    """Return the stored parameters of one component for every role and party that runs it.

    Args:
        conf: runtime conf in the layout of DSL `version`.
        module_name: module of the component.
        component: its name in the DSL.
        version: 1 or 2.
        redundant_check: whether an unknown parameter is refused; else it is skipped.

    Raises:
        DslError: unknown module, redundant parameter, wrong role list, failed check of the class.
    """
    module = module_of(component, module_name)
    if not conf:
        raise DslError("SubMitConf is None, does not exist")
    roles = {role: parties for role, parties in conf["role"].items() if role in module.code_path}
    repeated = {
        key: value
        for key, value in conf.items()
        if key.endswith("Param") and key not in _NOT_REPEATED
    }
    result: RoleParameters = {}
    for role, parties in roles.items():
        result[role] = []
        for index in range(len(parties)):
            stored = {module.param_class: module.fresh_defaults()} | repeated
            merger = _Merger(component, module, role, index, len(parties), redundant_check)
            layers = _layers_v2 if version == 2 else _layers_v1
            merger.overlay(stored[module.param_class], layers(conf, merger))
            local = conf.get("local", {})
            # A conf with a "local" of its own shares that one object among all parties.
            local.update({"role": role, "party_id": parties[index]})
            result[role].append(
                stored
                | {
                    "local": local,
                    "CodePath": module.code_path[role],
                    "module": module.name,
                    "role": roles,
                }
            )
    return result


def parameters_answer(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what component/parameters shows of a stored object: the module and the parameters."""
    shown = {key: value for key, value in stored.items() if key.endswith("Param")}
    return {"module": stored.get("module", ""), **shown}


Layer = tuple[Mapping[str, Any], Callable[[str, Any], Any]]


class _Merger:
    """The parameters of one component on one party, being put together."""

    def __init__(
        self,
        component: str,
        module: Module,
        role: str,
        index: int,
        party_count: int,
        redundant_check: bool,
    ) -> None:
        self.component = component
        self.module = module
        self.role = role
        self.index = index
        self.party_count = party_count
        self.redundant_check = redundant_check

    def overlay(self, target: dict[str, Any], layers: Iterator[Layer]) -> None:
        """Lay every layer over the defaults in `target` and run the check of the class."""
        for layer, pick in layers:
            self._merge(target, self.module.defaults, layer, pick)
        try:
            check_parameters(self.module.param_class, target)
        except STUMBLES as error:
            raise DslError(
                f"Component {self.component}, module {self.module.name},"
                f" does not pass component check, error msg is {python37_text(error)}"
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
                    f"Component {self.component}, module {self.module.name},"
                    f" has redundant parameter {name}"
                )
            if isinstance(defaults[name], dict) and name not in PLAIN_MAPS:
                self._merge(target[name], defaults[name], value, pick)
            else:
                target[name] = pick(name, value)


def _layers_v2(conf: Conf, merger: _Merger) -> Iterator[Layer]:
    parameters = conf.get("component_parameters", {})
    common = parameters.get("common", {})
    if merger.component in common:
        yield common[merger.component], merger.as_given
    by_index = parameters.get("role", {}).get(merger.role, {})
    for indexes in by_index.keys():  # noqa: SIM118 - what is no map stumbles over "keys"
        if applies(indexes, merger.index) and merger.component in by_index[indexes]:
            yield by_index[indexes][merger.component], merger.as_given


def _layers_v1(conf: Conf, merger: _Merger) -> Iterator[Layer]:
    common = conf.get("algorithm_parameters", {})
    if merger.component in common:
        yield common[merger.component], merger.as_given
    of_role = conf.get("role_parameters", {}).get(merger.role, {})
    if merger.component in of_role:
        yield of_role[merger.component], merger.own_element


def applies(indexes: str, index: int) -> bool:
    """Tell whether a key of a role, ``"0"``, ``"0|2"`` or ``"all"``, includes party `index`."""
    return indexes == "all" or str(index) in indexes.split("|")


def need_run(module: Module, stored: Sequence[Mapping[str, Any]], index: int) -> bool:
    """Tell whether a party's parameters let the component run."""
    parameters = stored[index].get(module.param_class)
    return parameters is not None and parameters.get("need_run") is not False
