"""Rows as an HTML table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from flowkit.call.secrets import mask
from flowkit.display.markup import Markup, element, join
from flowkit.display.text import short

__all__ = ["TELLING", "cell_text", "html_table", "pairs_table"]

#: What a table shows of rows that have these columns; a job's row has forty, most of them for machines.
TELLING = (
    "f_job_id",
    "f_role",
    "f_party_id",
    "f_component_name",
    "f_status",
    "f_party_status",
    "f_progress",
    "f_data_name",
    "f_table_namespace",
    "f_table_name",
    "f_model_id",
    "f_model_version",
    "f_create_date",
    "f_elapsed",
)

ROWS, COLUMNS = 50, 20


def html_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Iterable[str] | None = None,
    *,
    total: int | None = None,
    caption: str | None = None,
) -> Markup:
    """Return rows as a table, secrets masked: the first fifty of them, and what is left out is said.

    Args:
        rows: mappings by column.
        columns: which, in order; by default all that a row has.
        total: how many rows there are in all.
        caption: what stands above it.
    """
    names = list(columns) if columns else list(dict.fromkeys(name for row in rows for name in row))
    shown = names[:COLUMNS]
    body = [
        element(
            "tr", *(element("td", cell_text(mask({name: row.get(name)})[name])) for name in shown)
        )
        for row in islice(rows, ROWS)
    ]
    head = element("tr", *(element("th", name, scope="col") for name in shown))
    left_out = []
    count = len(rows) if total is None else max(total, len(rows))
    if count > len(body):
        left_out.append(f"{len(body)} of {count} rows")
    if len(names) > len(shown):
        left_out.append(
            f"{len(shown)} of {len(names)} columns: without {', '.join(names[COLUMNS:])}"
        )
    table = element(
        "table",
        *([element("caption", caption)] if caption else []),
        element("thead", head),
        element("tbody", *body),
    )
    return join(table, element("p", "; ".join(left_out))) if left_out else table


def pairs_table(values: Mapping[str, Any], caption: str | None = None) -> Markup:
    """Return names and values as a table of two columns, secrets masked."""
    masked = mask(dict(values))
    rows = [
        element("tr", element("th", str(name), scope="row"), element("td", cell_text(value)))
        for name, value in islice(masked.items(), ROWS)
    ]
    if len(masked) > ROWS:
        rows.append(element("tr", element("td", f"{ROWS} of {len(masked)} values", colspan=2)))
    return element(
        "table", *([element("caption", caption)] if caption else []), element("tbody", *rows)
    )


def cell_text(value: Any) -> str:
    """Return what a cell shows of a value: nothing for None, little of what is long."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if len(value) <= 200 else f"{value[:197]}..."
    if isinstance(value, float):
        return f"{value:.6g}"
    return short(value) if isinstance(value, Mapping | list | tuple) else str(value)
