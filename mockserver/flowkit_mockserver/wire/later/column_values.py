"""What the database of the real server makes of the values that a request has for its columns."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.errors import Refusal

__all__ = ["allowed", "check_log_name", "compared", "not_null", "number", "text"]


def compared(value: Any) -> str | None:
    """Return a value as a text column compares it; a list of one value is that value.

    Raises:
        Refusal: a list of none, or of several, is no SQL here.
    """
    if not isinstance(value, list):
        return text(value)
    if len(value) != 1:
        problem = "row value misused" if value else 'near ")": syntax error'
        raise Refusal(f"SQLError: {problem}")
    return text(value[0])


def check_log_name(job_id: Any) -> None:
    """Fail as the server's log does that is to be of a job whose id is no text; none at all is the log of no job.

    Raises:
        TypeError: it is no text.
    """
    if job_id:
        _ = job_id + ""


def allowed(value: Any) -> list[str | None]:
    """Return the texts that a filter lets through: a value, or any of a list."""
    return [text(one) for one in (value if isinstance(value, list) else [value])]


def text(value: Any) -> str | None:
    """Return what a text column holds of a value; null stays null."""
    return None if value is None else str(value)


def number(value: Any) -> int | None:
    """Return what a column of integers holds of a value; null stays null.

    Raises:
        TypeError, ValueError: it is no number.
    """
    return None if value is None else int(value)


def not_null(table: str, **columns: Any) -> None:
    """Check what may not be null before a row is written.

    Args:
        table: the name of the table.
        columns: values by the name of their column, in the order of the table.

    Raises:
        Refusal: a value is null; the text names the first.
    """
    for name, value in columns.items():
        if value is None:
            raise Refusal(f"ConstraintError: NOT NULL constraint failed: {table}.{name}")
