"""Dates as the rows show them: the server's local time, labelled GMT all the same."""

from __future__ import annotations

import time
from functools import lru_cache

__all__ = ["log_time", "milliseconds", "row_date"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def row_date(moment: int | None) -> str | None:
    """Return ``"Tue, 01 Jun 2021 10:03:20 GMT"`` for milliseconds since the epoch, None for None."""
    return None if moment is None else _of_second(moment // 1000)


@lru_cache(maxsize=4096)
def _of_second(second: int) -> str:
    t = time.localtime(second)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04} {clock} GMT"


def log_time(moment: int) -> str:
    """Return ``"2021-06-01 10:03:20,417"`` for milliseconds since the epoch."""
    second, rest = divmod(moment, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(second))},{rest:03}"


def milliseconds(moment: object) -> object:
    """Return milliseconds for a text ``YYYY-MM-DD HH:MM:SS`` of local time; anything else as it is.

    Raises:
        ValueError: the text is no such time.
    """
    if isinstance(moment, str):
        return int(time.mktime(time.strptime(moment, "%Y-%m-%d %H:%M:%S")) * 1000)
    return moment
