"""ColumnExpand: columns of one value each, put behind those a table has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.columns.blocks import load
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["expand", "resting_model"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _expanded(table: TableData, names: list[str], values: list[Any]) -> TableData:
    """Return the table with the columns; an empty line or header gets no comma before them."""
    values = values * len(names) if len(values) == 1 else values
    tail = ",".join(str(value) for value in values)
    rows = load(table.records)
    keys = [key for key, _ in rows]
    lines = [f"{line},{tail}" if line else tail for _, line in rows]
    schema = dict(table.schema)
    header = schema.get("header") or ""
    schema["header"] = ",".join([*([header] if header else []), *names])
    if not header and schema.get("sid") is not None:
        schema["sid"] = schema["sid"].strip()
    return TableData("text", schema, TextRows(keys, lines), table.partitions)


def _asked(asked: Mapping[str, Any], model: Model | None) -> tuple[list[str], list[Any], str]:
    """Return names, values and method: of a model, when there is one."""
    if model is not None:
        meta = model.meta
        return list(meta["appendHeader"]), list(meta["fillValue"]), meta["method"]
    return _listed(asked["append_header"]), _listed(asked["fill_value"]), asked["method"]


def expand(run: ComponentRun) -> dict[Party, PartyResult]:
    """Append the columns of the parameter, or of a fitted model, to a table of text."""
    results = {}
    for party in run.parties:
        table = first_table(run, party, "data", "train_data", "test_data")
        if table is None:
            raise ComponentFailed("input data is None", party)
        if table.kind != "text":
            raise ComponentFailed("TypeError: object of type 'Instance' has no len()", party)
        names, values, method = _asked(parameter(run, party), run.models.get(party))
        expanded = table if not names and method == "manual" else _expanded(table, names, values)
        model = _saved(names, values, method, expanded.schema.get("header") or "")
        results[party] = PartyResult([expanded], model=model)
    return results


def resting_model(run: ComponentRun, party: Party) -> Model:
    """Return the model of a party whose parameter says ``need_run: false``: it says what was asked for, no header."""
    model = _saved(*_asked(parameter(run, party), None), "")
    model.meta["needRun"] = False
    return model


def _saved(names: list[str], values: list[Any], method: str, header: str) -> Model:
    meta = message(
        "ColumnExpandMeta",
        appendHeader=names,
        method=method,
        fillValue=[str(value) for value in values],
        needRun=True,
    )
    # The header is one text, of which the real server saves every letter.
    return saved_model("ColumnExpand", meta, message("ColumnExpandParam", header=list(header)))
