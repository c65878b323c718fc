"""For tests of code that uses flowkit: the bundled cassettes, and a check for plugins."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.testing.cassettes import CASSETTES, cases, cassette
    from flowkit.testing.conformance import assert_plugin_conforms

__all__ = ["CASSETTES", "assert_plugin_conforms", "cases", "cassette"]

# pytest imports this package at every start, to find its plugin; the client belongs to those who use it.
_HOMES = {
    "CASSETTES": "cassettes",
    "assert_plugin_conforms": "conformance",
    "cases": "cassettes",
    "cassette": "cassettes",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
