"""Filters over rows, as the server turns them into SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flowkit_mockserver.jobs.dates import milliseconds

__all__ = ["ordered", "predicate", "usable"]

Context = TypeVar("Context")
Columns = Mapping[str, Callable[[Context], Any]]

_RANGES = ("f_start_time", "f_end_time", "f_elapsed")


def usable(columns: Columns[Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters that name a column, by the column's full name."""
    return {f"f_{name}": value for name, value in filters.items() if f"f_{name}" in columns}


def predicate(
    columns: Columns[Context], wanted: Mapping[str, Any], *, ranges: bool
) -> Callable[[Context], bool]:
    """Return whether a row meets all the filters.

    Args:
        columns: the columns.
        wanted: column → value; a list means any of its elements.
        ranges: whether a list for a time or a duration means a closed range instead.

    Raises:
        LookupError: a range has no two ends.
        ValueError: the end of a range is no time.
    """
    tests: list[Callable[[Context], bool]] = []
    for name, value in wanted.items():
        if ranges and name in _RANGES and isinstance(value, list):
            low, high = value[0], value[1]
            if name != "f_elapsed":
                low, high = milliseconds(low), milliseconds(high)
            tests.append(_between(columns[name], low, high))
        else:
            tests.append(_equal(columns[name], value))
    return lambda row: all(test(row) for test in tests)


def _between(column: Callable[[Context], Any], low: Any, high: Any) -> Callable[[Context], bool]:
    def test(row: Context) -> bool:
        value = column(row)
        return value is not None and bool(low <= value <= high)

    return test


def _equal(column: Callable[[Context], Any], wanted: Any) -> Callable[[Context], bool]:
    allowed = [_text(item) for item in (wanted if isinstance(wanted, list) else [wanted])]
    return lambda row: _text(column(row)) in allowed


def _text(value: Any) -> str | None:
    """Return how a value compares: numbers and texts alike, true as 1, null with nothing but null."""
    if isinstance(value, bool):
        return str(int(value))
    return None if value is None else str(value)


def ordered(
    rows: Iterable[Context], columns: Columns[Context], filters: Mapping[str, Any]
) -> list[Context]:
    """Return rows sorted by ``order_by``, if ``reverse`` (true or false) asks for it."""
    found = list(rows)
    reverse = filters.get("reverse")
    if reverse is not True and reverse is not False:
        return found
    column = columns.get(f"f_{filters.get('order_by')}")
    if column is None or filters.get("order_by") == "create_time":
        # Rows were made one after the other, though not a millisecond apart: their order is that of creation.
        column = columns["f_create_time"]
        if reverse:
            found.reverse()

    def key(row: Context) -> tuple[bool, bool, float, str]:
        value = column(row)
        number = isinstance(value, int | float)
        return (
            value is not None,
            not number,
            float(value) if number else 0.0,
            "" if number else str(value),
        )

    return sorted(found, key=key, reverse=reverse)
