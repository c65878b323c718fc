"""Providers: the packages, and the versions of them, from which a DSL or a conf wants components."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dialects.facts import provider_of
from flowkit_mockserver.dsl.conf import applies
from flowkit_mockserver.dsl.later_parameters import ParametersRefused, known_kind

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan

__all__ = ["IsProvider", "check_providers", "provider_asked_for"]

IsProvider = Callable[[str, str], bool]
"""Says of a provider, name and version, whether it is registered; an empty version is any."""

_FORM = (
    "Provider format should be provider_name@provider_version or provider_name,"
    " @provider_version is not supported"
)


def check_providers(plan: Plan, role: str, index: int, is_provider: IsProvider) -> None:
    """Check that a party has what the DSL wants, and from 1.9 on what the conf wants of that party.

    Args:
        plan: the job.
        role: role of the party.
        index: its place among those of the role.
        is_provider: the registered providers.

    Raises:
        ParametersRefused: a provider is none, has no such version, or does not bring the component's module.
    """
    for name in plan.graph.declared:
        _check(plan, name, _named_by_dsl(plan, name), is_provider)
    # Before 1.9 the conf has no say in it.
    if plan.dialect.reworked:
        for name in plan.graph.declared:
            _check(plan, name, _asked_by_conf(plan.runtime_conf, name, role, index), is_provider)


def provider_asked_for(plan: Plan, component: str, role: str, index: int) -> str | None:
    """Return the provider that a party's component comes from, ``name@version``; None for the default one."""
    asked = None
    if plan.dialect.reworked:
        asked = _asked_by_conf(plan.runtime_conf, component, role, index)
    return asked or _named_by_dsl(plan, component)


def _named_by_dsl(plan: Plan, component: str) -> Any:
    return plan.dsl["components"][component].get("provider") or plan.dsl.get("provider")


def _check(plan: Plan, component: str, asked: Any, is_provider: IsProvider) -> None:
    if not asked:
        return
    name, *versions = str(asked).split("@")
    version = versions[0] if versions else ""
    module = plan.graph.module(component)
    if not name or len(versions) > 1:
        error: Exception = ValueError(_FORM)
    elif not _is_known(plan, module):
        error = KeyError(module)
    elif name != provider_of(module) or not is_provider(name, ""):
        error = ValueError(f"Provider: {name} does not support in {module}, please register")
    elif not is_provider(name, version):
        words = f"Provider: {name} version: {version} does not support in {module}"
        error = ValueError(f"{words}, please register")
    else:
        return
    raise ParametersRefused(repr(error) if plan.dialect.exceptions_as_repr else str(error))


def _is_known(plan: Plan, module: str) -> bool:
    """Say whether a party knows a module; it keeps the names in small letters, too."""
    names = plan.dialect.kinds or {}
    return known_kind(plan.dialect, module) is not None or module in map(str.lower, names)


def _asked_by_conf(conf: Mapping[str, Any], component: str, role: str, index: int) -> str | None:
    """Return the provider that the conf asks for, ``name@version``; None for the default one."""
    asked = conf.get("provider") or {}
    for indexes, own in (asked.get("role", {}).get(role) or {}).items():
        if applies(indexes, index) and component in own:
            return str(own[component])
    found = asked.get("common", {}).get(component)
    return None if found is None else str(found)
