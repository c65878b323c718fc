"""What can be called: the methods of a group, with what they take and a line on what they do."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from flowkit.display.markup import Markup, element
from flowkit.display.tables import html_table

__all__ = ["methods_html", "methods_of"]

LONGEST = 110


def methods_of(kind: type) -> Mapping[str, tuple[str, str]]:
    """Return arguments and first line of the documentation by public method, in the order in which they are defined."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(kind.__mro__):
        for name, member in vars(base).items():
            if name.startswith("_") or not inspect.isfunction(member):
                continue
            parameters = list(inspect.signature(member).parameters.values())[1:]
            shown = ", ".join(_parameter(one) for one in parameters)
            text = (inspect.getdoc(member) or "").partition("\n")[0]
            found.pop(name, None)
            found[name] = (shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…", text)
    return found


def methods_html(title: str, kind: type) -> Markup:
    """Return the public methods of a class as a table."""
    rows = [
        {"call": f"{title}.{name}({arguments})", "does": text}
        for name, (arguments, text) in methods_of(kind).items()
    ]
    heading = (inspect.getdoc(kind) or "").partition("\n")[0]
    return element("div", element("p", heading), html_table(rows))


def _parameter(parameter: inspect.Parameter) -> str:
    default = parameter.default
    return parameter.name if default is parameter.empty else f"{parameter.name}={default!r}"
