"""How old a cassette is, for those that are to be recorded again after a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flowkit import ArgumentError

__all__ = ["add_time", "is_outdated", "parse_interval"]

METADATA = "metadata"
RECORDED_AT = "recorded_at"


def parse_interval(interval: float | timedelta | None) -> float | None:
    """Return an interval in seconds; None without one.

    Raises:
        ArgumentError: it is no number of seconds above zero, and no such `timedelta`.
    """
    if interval is None:
        return None
    seconds = interval.total_seconds() if isinstance(interval, timedelta) else interval
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise ArgumentError(
            "re_record_interval must be a number of seconds above zero or a timedelta, got "
            f"{interval!r}",
            argument="re_record_interval",
            value=interval,
        )
    return float(seconds)


def is_outdated(path: Path, extra: Mapping[str, Any], interval: float, now: float) -> bool:
    """True when a cassette was recorded longer ago than `interval` seconds.

    The time stands in the cassette's ``metadata.recorded_at``; without it the file's time counts.

    Args:
        path: the cassette's file.
        extra: its top-level keys beside the interactions.
        interval: seconds.
        now: the present, in seconds since the epoch.
    """
    recorded = _read_time(extra)
    if recorded is None:
        recorded = path.stat().st_mtime
    return now - recorded > interval


def add_time(extra: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return a cassette's top-level keys with the time of its recording in ``metadata``."""
    metadata = extra.get(METADATA)
    if metadata is not None and not isinstance(metadata, Mapping):
        return dict(extra)  # somebody else's: the file's time has to do
    stamp = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    return {**extra, METADATA: {**(metadata or {}), RECORDED_AT: stamp}}


def _read_time(extra: Mapping[str, Any]) -> float | None:
    metadata = extra.get(METADATA)
    value = metadata.get(RECORDED_AT) if isinstance(metadata, Mapping) else None
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(time, datetime):
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
