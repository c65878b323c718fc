"""An answer as people see it in a notebook: rows as a table, a job as its status and its graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.call.secrets import mask, mask_text
from flowkit.display.graphs import dag_svg
from flowkit.display.markup import Markup, element, join
from flowkit.display.tables import TELLING, html_table, pairs_table
from flowkit.display.text import duration, short, symbol
from flowkit.errors import ArgumentError
from flowkit.frames.replies import tabulate
from flowkit.results.answers import holds_metrics, read_metrics
from flowkit.results.dag import read_dag
from flowkit.rows import Row, rows_of, total_of

__all__ = ["reply_html"]

LIST_ITEMS = 50


def reply_html(reply: Mapping[str, Any]) -> Markup:
    """Return an answer as HTML, secrets masked, every text escaped, long answers cut with a remark."""
    return element("div", _headline(reply), _data(reply))


def _headline(reply: Mapping[str, Any]) -> Markup:
    shown = {
        key: value
        for key, value in mask(dict(reply)).items()
        if key not in {"data", "meta"} and not isinstance(value, Mapping | list)
    }
    text = ", ".join(f"{key}: {value}" for key, value in shown.items())
    return element("p", mask_text(text[:500]))


def _data(reply: Mapping[str, Any]) -> Markup:
    data = reply.get("data")
    rows = rows_of(data)
    if rows:
        return _rows(rows, total_of(data))
    if isinstance(data, Mapping) and isinstance(data.get("rows"), list) and data["rows"]:
        return _rows(rows_of(data["rows"]), len(data["rows"]))  # of a job that was waited for
    if isinstance(data, Mapping) and data:
        return _metrics(data) or pairs_table(data)
    if isinstance(data, list) and data and all(isinstance(one, list) for one in data):
        return _columns(reply)
    if isinstance(data, list) and data:
        items = [element("li", short(item)) for item in data[:LIST_ITEMS]]
        left_out = f"{LIST_ITEMS} of {len(data)}" if len(data) > LIST_ITEMS else ""
        return join(element("ul", *items), element("p", left_out))
    return element("p", short(data)) if data not in (None, "", [], {}) else Markup("")


def _columns(reply: Mapping[str, Any]) -> Markup:
    """Return the preview of a table, or the pairs of a metric; several tables are said to be that."""
    try:
        columns = tabulate(reply)
    except ArgumentError as error:
        return element("p", str(error))
    names = list(columns)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return html_table(rows, names)


def _rows(rows: Sequence[Row], total: int) -> Markup:
    telling = [name for name in TELLING if any(row.get(name) not in (None, "") for row in rows)]
    table = html_table(rows, telling or None, total=total)
    jobs = {row.job_id for row in rows}
    if len(jobs) != 1 or "f_dsl" not in rows[0]:
        return table
    try:
        return join(_job(rows), table)
    except ValueError:  # the table shows what is odd
        return table


def _job(rows: Sequence[Row]) -> Markup:
    """Return the status of a job and its graph, which in a job's own rows has no statuses."""
    first = next((row for row in rows if row.get("f_is_initiator") is True), rows[0])
    took = "" if first.elapsed is None else f", {duration(first['f_elapsed'])}"
    status = f"Job {first.job_id}: {symbol(first.status)} {first.status} ({first.progress} %){took}"
    try:
        graph = dag_svg(read_dag(first["f_dsl"]))
    except ArgumentError:  # an upload has no DSL that is one
        graph = Markup("")
    return join(element("p", element("strong", status)), graph)


def _metrics(data: Mapping[str, Any]) -> Markup | None:
    """Return metrics as a table; None where the data are none."""
    if not holds_metrics(data):
        return None
    try:
        found = read_metrics(data)
    except ArgumentError:
        return None
    rows = [
        {
            "set": metric.namespace,
            "metric": metric.name,
            "type": metric.metric_type,
            "points": len(metric.data),
            "values": ", ".join(f"{key}: {value}" for key, value in metric.data[:4]),
        }
        for metric in found
    ]
    return html_table(rows)
