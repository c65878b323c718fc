"""Assertions about the requests of a journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowkit_mockserver.control.journal.entries import Entry
from flowkit_mockserver.control.journal.search import Requests

__all__ = ["check_calls"]


def check_calls(
    journal: Requests,
    operation: str,
    *,
    times: int | None = None,
    at_least: int | None = None,
    at_most: int | None = None,
    **filters: Any,
) -> list[Entry]:
    """Return the requests that match, and check how many there are: at least one, unless a number is given.

    Args:
        journal: where they are looked for.
        operation: pattern of operation names, or of paths.
        times: how many there must be.
        at_least: how many there must be at least.
        at_most: how many there may be.
        filters: see `Requests.find`.

    Raises:
        AssertionError: there are more or fewer; the text shows the requests of that operation.
        ValueError: no operation has such a name.
    """
    found = journal.find(operation, **filters)
    if times is None and at_least is None and at_most is None:
        at_least = 1
    bounds = {"exactly": times, "at least": at_least, "at most": at_most}
    low, high = max(times or 0, at_least or 0), at_most if times is None else times
    if len(found) >= low and (high is None or len(found) <= high):
        return found
    expected = " and ".join(
        f"{word} {bound}" for word, bound in bounds.items() if bound is not None
    )
    some = {name: value for name, value in filters.items() if value is not None}
    such = "".join(f", {name}={value!r}" for name, value in some.items())
    lines = [f"{operation}{such}: expected {expected}, got {len(found)}"]
    if forgotten := journal.forgotten:
        lines.append(f"the journal has forgotten the {forgotten} oldest requests")
    if shown := found or journal.find(operation):
        lines += ["requests that match:" if found else "requests that match but for the rest:"]
        lines += _describe(shown)
    elif others := journal.find():
        lines += ["requests that were made:", *_describe(others)]
    else:
        lines += ["no request was made"]
    raise AssertionError("\n".join(lines))


def _describe(entries: list[Entry], limit: int = 10) -> Iterator[str]:
    """Yield a line about each of the last entries."""
    if len(entries) > limit:
        yield f"  … {len(entries) - limit} before these"
    for entry in entries[-limit:]:
        yield f"  {entry}"
