"""What is checked when a plugin is registered, so that no mistake shows only during a call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Any

from flowkit.call.markers import PROJECT
from flowkit.errors import PluginError
from flowkit.hooks.table import HOOKS, Hook
from flowkit.inputs.spelling import nearest

__all__ = ["check_plugin"]


def check_plugin(plugin: object, name: str) -> None:
    """Check the implementations of a plugin against the hooks.

    Raises:
        PluginError: a function is named like a hook but is none, or takes an argument that its
            hook does not have, or is not marked, or is asynchronous, or is a wrapper where there is
            nothing to wrap, or one that does not yield or does not return what it yielded for. The
            text names the nearest right name.
    """
    if inspect.isclass(plugin):
        raise PluginError(
            f"plugin {name!r} is the class {plugin.__name__}; register an instance, "
            f"{plugin.__name__}(…)"
        )
    for attribute, function in _functions(plugin):
        options = getattr(function, f"{PROJECT}_impl", None)
        where = f"plugin {name!r}: {attribute}"
        if options is None:
            if not attribute.startswith("flowkit_"):
                continue
            if attribute in HOOKS:
                raise PluginError(f"{where} is not marked with @hookimpl, so it would never run")
        hook = HOOKS.get((options or {}).get("specname") or attribute)
        if hook is None:
            near = nearest(attribute, HOOKS)
            raise PluginError(f"{where} is not a hook; did you mean {near}?")
        for argument in _arguments(function):
            if argument not in hook.arguments:
                near = nearest(argument, hook.arguments)
                hint = f"did you mean {near}?" if near else "it takes none"
                raise PluginError(
                    f"{where} takes {argument!r}, which {hook.name} does not have; {hint}"
                )
        if options and (options["wrapper"] or options["hookwrapper"]) and not hook.wrappable:
            raise PluginError(f"{where} is a wrapper, but {hook.name} gives it nothing to wrap")
        if options and options["hookwrapper"]:
            raise PluginError(f"{where}: use wrapper=True; hookwrapper is pluggy's old form")
        _check_form(function, where, hook, bool(options and options["wrapper"]))


def _check_form(function: Any, where: str, hook: Hook, wrapper: bool) -> None:
    """Check that a function is of the kind that its hook runs."""
    plain = inspect.unwrap(function)
    if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
        raise PluginError(
            f"{where} is asynchronous (async def), so it would never run: calls are made in the "
            "caller's thread; write it with def"
        )
    generator = inspect.isgeneratorfunction(plain)
    if wrapper and not generator:
        raise PluginError(
            f"{where} is a wrapper without a yield; a wrapper yields once: response = yield, and "
            "then return response"
        )
    if generator and not wrapper:
        raise PluginError(
            f"{where} has a yield but is no wrapper, so it would never run; mark it with "
            "@hookimpl(wrapper=True)"
        )
    if wrapper and hook.answers and _returns_nothing(plain.__code__):
        raise PluginError(
            f"{where} is a wrapper that returns nothing, so the answer would be lost; end it with "
            "return response, what its yield gave"
        )


@lru_cache(maxsize=256)  # a class of plugins is checked with each client
def _returns_nothing(code: CodeType) -> bool:
    """Return whether a function returns, and always None."""
    import dis  # needed only for wrappers

    found = False
    before: dis.Instruction | None = None
    for step in dis.get_instructions(code):
        if step.opname in ("RETURN_VALUE", "RETURN_CONST"):
            value = step if step.opname == "RETURN_CONST" else before
            if value is None or "CONST" not in value.opname or value.argval is not None:
                return False
            found = True
        if step.opname not in ("NOP", "EXTENDED_ARG", "CACHE"):
            before = step
    return found


def _functions(plugin: object) -> Iterator[tuple[str, Any]]:
    """Yield the functions of a plugin; properties are left alone, for they may compute.

    What Python itself names (``__init__`` …) is never a hook.
    """
    holder = plugin if inspect.ismodule(plugin) else type(plugin)
    names = [name for name in dir(holder) if not name.startswith("__")]
    found = {name: inspect.getattr_static(holder, name) for name in names}
    found.update(getattr(plugin, "__dict__", {}))
    for attribute, member in found.items():
        plain = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        if inspect.isroutine(plain):
            yield attribute, plain


def _arguments(function: Any) -> list[str]:
    """Return the names of the arguments that pluggy would fill in."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name in ("self", "cls"):
        del parameters[0]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        parameter.name
        for parameter in parameters
        if parameter.kind in positional and parameter.default is inspect.Parameter.empty
    ]
