"""Plugins: which are enabled and by whom, and which cannot be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowkit.doctor.finding import Finding, State
from flowkit.errors import FlowError
from flowkit.hooks.loading import Choice, PluginRecord, choose, plugin_factory

__all__ = ["examine_plugins"]


def examine_plugins(
    choices: Iterable[Choice], records: Iterable[PluginRecord] = ()
) -> Iterator[Finding]:
    """Yield a finding about the plugins that are enabled, and one for each that is broken.

    Args:
        choices: what enables or disables them.
        records: what became of them in a client; without it nothing is known of their settings.
    """
    chosen, _ = choose(choices)
    unusable = {record.name: record.error for record in records if record.state == "broken"}
    names, broken = [], False
    for choice in chosen:
        if not isinstance(choice.plugin, str):
            names.append(str(getattr(choice.plugin, "name", type(choice.plugin).__name__)))
            continue
        mend = f"install what brings it, or take {choice.plugin} out of {choice.origin}"
        try:
            plugin_factory(choice.plugin)
        except FlowError as error:
            text = str(error)
        else:
            text = unusable.get(choice.plugin, "")
            mend = f"give it what it needs, or take {choice.plugin} out of {choice.origin}"
        if text:
            broken = True
            yield Finding("plugins", State.PROBLEM, text, mend)
        else:
            names.append(f"{choice.plugin} ({choice.origin})")
    if names or not broken:
        yield Finding("plugins", State.OK, ", ".join(names) or "none is enabled")
