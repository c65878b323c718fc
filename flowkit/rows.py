"""Rows of the server's tables, and their dates: the same values, whichever line of servers they come from.

FATE Flow 1.6 answers with a list of rows whose columns begin with ``f_``; later lines answer some lists in pages,
``{"jobs": [...], "count": n}``, without the ``f_``. Dates are RFC 1123 on 1.6 and ISO 8601 later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

__all__ = ["Row", "is_page", "parse_date", "rows_of", "total_of"]

PAGES = ("jobs", "tasks")
PREFIX = "f_"
#: The largest number of milliseconds that is a time, some ten thousand years; a progress is less.
LARGEST = 10**15 // 3
#: Columns whose values a page has as numbers, and every other answer as text.
TEXTS = frozenset({"f_party_id", "f_initiator_party_id", "f_job_id"})


class Row(dict[str, Any]):
    """A row as the server sent it, its columns beginning with ``f_``; typed access as attributes.

    A column that is null, or not there, is None, or empty for a text. One that holds what no server
    of FATE Flow sends there is a `ValueError`, which names it.
    """

    @property
    def job_id(self) -> str:
        """The job."""
        return self._text("f_job_id")

    @property
    def role(self) -> str:
        """Role of the party."""
        return self._text("f_role")

    @property
    def party_id(self) -> str:
        """The party, as text."""
        return self._text("f_party_id")

    @property
    def component_name(self) -> str:
        """The component, of a task's row."""
        return self._text("f_component_name")

    @property
    def status(self) -> str:
        """Status of the job or the task."""
        return self._text("f_status")

    @property
    def party_status(self) -> str:
        """Status of a task on this party, where `status` is that over all of them."""
        return self._text("f_party_status")

    @property
    def module(self) -> str:
        """Kind of the component, of a task's row; servers tell it from 1.7 on."""
        return self._text("f_component_module")

    @property
    def party(self) -> str:
        """Role and party together, ``guest/9999``."""
        return f"{self.role}/{self.party_id}"

    @property
    def progress(self) -> int:
        """Progress of a job, in per cent."""
        value = self.get("f_progress") or 0
        if not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise self._odd("f_progress", "a number")
        return int(value)

    @property
    def created(self) -> datetime | None:
        """When it was created, in UTC."""
        return self.date("f_create_time")

    @property
    def updated(self) -> datetime | None:
        """When it was changed last, in UTC; servers of 1.6 do not count every change."""
        return self.date("f_update_time")

    @property
    def started(self) -> datetime | None:
        """When it began to run, in UTC."""
        return self.date("f_start_time")

    @property
    def ended(self) -> datetime | None:
        """When it ended, in UTC."""
        return self.date("f_end_time")

    @property
    def elapsed(self) -> timedelta | None:
        """How long it ran."""
        value = self.get("f_elapsed")
        if value is None:
            return None
        if not isinstance(value, int | float) or not abs(value) <= LARGEST:
            raise self._odd("f_elapsed", "milliseconds")
        return timedelta(milliseconds=value)

    def date(self, column: str) -> datetime | None:
        """Return the date in a column; see `parse_date`.

        Raises:
            ValueError: it holds none.
        """
        try:
            return parse_date(self.get(column))
        except ValueError as error:
            raise self._odd(column, "a date") from error

    def _odd(self, column: str, wanted: str) -> ValueError:
        return ValueError(f"{column} must be {wanted}, and is {self[column]!r:.100}")

    def _text(self, column: str) -> str:
        value = self.get(column)
        return "" if value is None else str(value)


def rows_of(data: Any) -> list[Row]:
    """Return the rows in a reply's data, whatever their shape; empty where there are none."""
    if isinstance(data, list):
        return [Row(one) for one in data if isinstance(one, Mapping)]
    if not is_page(data):
        return []
    page: list[Any] = next(data[name] for name in PAGES if isinstance(data.get(name), list))
    return [_whole(one) for one in page if isinstance(one, Mapping)]


def is_page(data: Any) -> bool:
    """Return whether a reply's data are a page of rows, with the number of all."""
    return (
        isinstance(data, Mapping)
        and "count" in data
        and any(isinstance(data.get(name), list) for name in PAGES)
    )


def total_of(data: Any) -> int:
    """Return how many rows there are in all: as a page says, or as there are in the data."""
    counted = data.get("count") if isinstance(data, Mapping) else None
    return counted if isinstance(counted, int) else len(rows_of(data))


def parse_date(value: str | int | float | None) -> datetime | None:
    """Return a date of the server.

    Args:
        value: milliseconds since 1970, which give a date in UTC; or a text, ``2021-06-01 10:03:20``
            or ``Tue, 01 Jun 2021 10:03:20 GMT``, which gives one without a time zone: both are the
            server's local time, whatever the latter says.

    Raises:
        ValueError: it is no date.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (OSError, OverflowError, TypeError) as error:
            raise ValueError(f"{value!r:.100} is no date") from error
    if value[:1].isdigit():
        return datetime.fromisoformat(value).replace(tzinfo=None)
    from email.utils import parsedate_to_datetime  # slow to import

    try:
        return parsedate_to_datetime(value).replace(tzinfo=None)
    except (IndexError, OverflowError, TypeError) as error:
        raise ValueError(f"{value!r:.100} is no date") from error


def _whole(row: Mapping[str, Any]) -> Row:
    """Return a page's row with the columns of every other."""
    found = Row(
        (name if name.startswith(PREFIX) else PREFIX + name, value) for name, value in row.items()
    )
    for name in TEXTS & found.keys():
        found[name] = found._text(name)
    return found
