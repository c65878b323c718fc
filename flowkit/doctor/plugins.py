"""Plugins: which are enabled and by whom, and which cannot be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowkit.doctor.finding import Finding, State
from flowkit.errors import FlowError
from flowkit.hooks.loading import Choice, choose, plugin_factory

__all__ = ["examine_plugins"]


def examine_plugins(choices: Iterable[Choice]) -> Iterator[Finding]:
    """Yield a finding about the plugins that are enabled, and one for each that is broken."""
    chosen, _ = choose(choices)
    names, broken = [], False
    for choice in chosen:
        if not isinstance(choice.plugin, str):
            names.append(str(getattr(choice.plugin, "name", type(choice.plugin).__name__)))
            continue
        try:
            plugin_factory(choice.plugin)
        except FlowError as error:
            broken = True
            mend = f"install what brings it, or take {choice.plugin} out of {choice.origin}"
            yield Finding("plugins", State.PROBLEM, str(error), mend)
        else:
            names.append(f"{choice.plugin} ({choice.origin})")
    if names or not broken:
        yield Finding("plugins", State.OK, ", ".join(names) or "none is enabled")
