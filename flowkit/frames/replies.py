"""The rows in a reply as a data frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.frames.library import make_frame
from flowkit.results.answers import holds_metrics, read_metrics
from flowkit.rows import is_page, rows_of

__all__ = ["reply_frame", "tabulate"]

Columns = dict[str, list[Any]]


def reply_frame(reply: Mapping[str, Any], library: str | None = None) -> Any:
    """Return the rows in a reply as a data frame; see `flowkit.Reply.to_frame`.

    Raises:
        ArgumentError: see there.
    """
    return make_frame(tabulate(reply), library)


def tabulate(reply: Mapping[str, Any]) -> Columns:
    """Return the rows in a reply by column, all of one length; what a row lacks is None.

    Raises:
        ArgumentError: the data hold several tables.
    """
    data, meta = reply.get("data"), reply.get("meta")
    if rows := rows_of(data):
        return _by_column(rows)
    if isinstance(data, list) and data and all(isinstance(one, list) for one in data):
        return _lists(data, meta if isinstance(meta, Mapping) else {})
    if isinstance(data, list):
        return {"value": list(data)} if data else {}
    if holds_metrics(data):
        return _metrics(data)
    if isinstance(data, Mapping) and data and not is_page(data):
        return _by_column([data])
    return {}


def _lists(data: list[list[Any]], meta: Mapping[str, Any]) -> Columns:
    headers = meta.get("header")
    if isinstance(headers, list) and headers and isinstance(headers[0], list):
        if len(headers) > 1:
            names = meta.get("names")
            text = f"the reply holds several tables, {names}; flow.component.output_frame takes one"
            raise ArgumentError(text, argument="table")
        names = [str(name) for name in headers[0]]
        rows = data[0]
        width = max([len(names), *(len(row) for row in rows)], default=0)
        names += [f"column {place}" for place in range(len(names), width)]
        return {
            name: [row[place] if place < len(row) else None for row in rows]
            for place, name in enumerate(names)
        }
    if all(len(pair) == len(("key", "value")) for pair in data):
        return {"key": [pair[0] for pair in data], "value": [pair[1] for pair in data]}
    return {"value": list(data)}


def _metrics(data: Mapping[str, Any]) -> Columns:
    """Return metrics in long form: a row for each of their values."""
    rows = [
        (metric.namespace, metric.name, metric.metric_type, key, value)
        for metric in read_metrics(data)
        for key, value in metric.data
    ]
    names = ("set", "metric", "type", "key", "value")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _by_column(rows: Sequence[Mapping[str, Any]]) -> Columns:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
