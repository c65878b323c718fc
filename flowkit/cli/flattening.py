"""Nested answers as rows of a table: names with dots in them, and metrics with their curves in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit.display.text import sparkline
from flowkit.results import read_metrics

__all__ = ["flat", "metric_rows"]

MOST_PAIRS = 12


def flat(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield names and values of what is nested, ``schema.sid`` and ``rows.0.id``; lists of single values stay lists."""
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        name, one = pending.pop()
        members: list[tuple[Any, Any]] = []
        if isinstance(one, Mapping):
            members = list(one.items())
        elif isinstance(one, list) and any(isinstance(member, Mapping | list) for member in one):
            members = list(enumerate(one))
        if members:
            before = f"{name}." if name else ""
            pending += [(f"{before}{key}", member) for key, member in reversed(members)]
        elif name:
            yield name, None if isinstance(one, Mapping) else one


def metric_rows(
    data: Mapping[str, Any], *, plain: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows that show metrics: values as they are, and curves as a line of blocks.

    Args:
        data: the data of ``component.metric_all``.
        plain: keep to ASCII.
    """
    rows = []
    for metric in read_metrics(data):
        shown = ""
        numeric = [(key, value) for key, value in metric.data if isinstance(value, int | float)]
        if metric.data and all(isinstance(key, str) for key, _ in metric.data):
            shown = ", ".join(f"{key} {value}" for key, value in metric.data[:MOST_PAIRS])
        elif len(numeric) == len(metric.data) and numeric:
            values = [float(value) for _, value in numeric]
            shown = f"{sparkline(values, plain=plain)} {values[0]:g} to {values[-1]:g}"
        rows.append(
            [metric.namespace, metric.name, metric.metric_type, str(len(metric.data)), shown]
        )
    return ["set", "metric", "type", "points", "values"], rows
