"""Writes ``docs/plugins/hooks.md`` from the hooks: ``python docs/_ext/hook_reference.py``."""

from __future__ import annotations

from pathlib import Path

from flowkit.hooks import protocols
from flowkit.hooks.table import HOOKS, Hook

PAGE = Path(__file__).parents[1] / "plugins" / "hooks.md"

HEAD = """\
# The hooks, one by one

<!-- Written by docs/_ext/hook_reference.py from flowkit/hooks/specs.py; change that. -->

A plugin implements any of these functions, marked with `flowkit.hookimpl`, with any of their arguments, in any order.
*Essential* means that an exception ends the call, with a note that names the plugin; what an *observer* raises is
logged once, and everything goes on.

| hook | runs | may answer | an exception |
|---|---|---|---|
"""


def markdown() -> str:
    """Return the page."""
    rows = [
        f"| [`{hook.name}`](#{hook.name}) | {hook.facts['Runs'].partition(',')[0].partition(';')[0].rstrip('.')} "
        f"| {'yes' if hook.answers else 'no'} | {'is logged' if hook.observer else 'ends the call'} |"
        for hook in HOOKS.values()
    ]
    return HEAD + "\n".join(rows) + "\n" + "".join(map(_section, HOOKS.values()))


def _section(hook: Hook) -> str:
    kind = "observer" if hook.observer else "essential"
    form = "; may be a wrapper" if hook.wrappable else ""
    typed = ", ".join(
        f"`{name}`"
        for name, member in vars(protocols).items()
        if hook.name in getattr(member, "__dict__", {})
    )
    facts = "".join(f"- **{name}**: {text}\n" for name, text in hook.facts.items())
    explanation = f"{hook.explanation}\n\n" if hook.explanation else ""
    return (
        f"\n## {hook.name}\n\n{hook.summary} ({kind}{form})\n\n{explanation}"
        f"```python\n{hook.signature}\n```\n\n{facts}"
        f"- **Typed by**: {typed} of `flowkit.hooks.protocols`\n\n```python\n{hook.example}\n```\n"
    )


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
