"""Attribution: which plugin an exception comes from, found out only once there is one."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from types import CodeType, FrameType
from typing import Any

import pluggy

__all__ = ["CORE", "attribute", "describe_source"]

CORE = frozenset({"transport", "attempts", "groups"})


def attribute(
    error: BaseException,
    implementations: Iterable[pluggy.HookImpl],
    distributions: Mapping[str, str],
    operation: str,
) -> None:
    """Add a note to `error` that says which plugin raised it, in which hook of which operation.

    The innermost implementation in its traceback is the one. What flowkit itself raises, and
    what bears such a note already, is left as it is.
    """
    codes: dict[CodeType, list[pluggy.HookImpl]] = {}
    for implementation in implementations:
        code = getattr(inspect.unwrap(_plain(implementation.function)), "__code__", None)
        if code is not None:
            codes.setdefault(code, []).append(implementation)
    source = None
    trace = error.__traceback__
    while trace is not None:
        candidates = codes.get(trace.tb_frame.f_code)
        if candidates:
            source = _running(candidates, trace.tb_frame)
        trace = trace.tb_next
    if source is None or source.plugin_name in CORE:
        return
    hook = getattr(source.function, "flowkit_impl", {}).get("specname") or source.function.__name__
    text = describe_source(
        source.plugin_name, distributions.get(source.plugin_name, ""), hook, operation
    )
    if text not in getattr(error, "__notes__", ()):
        error.add_note(text)


def describe_source(plugin: str, distribution: str, hook: str, operation: str) -> str:
    """Return the sentence that names plugin, distribution, hook and operation."""
    package = f" ({distribution})" if distribution else ""
    during = f" during {operation}" if operation else ""
    return f"raised by the plugin {plugin!r}{package} in {hook}{during}"


def _running(candidates: list[pluggy.HookImpl], frame: FrameType) -> pluggy.HookImpl:
    """Return the implementation that was running: several plugins may be of one class."""
    owner = frame.f_locals.get("self")
    return next((one for one in candidates if one.plugin is owner), candidates[0])


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)
