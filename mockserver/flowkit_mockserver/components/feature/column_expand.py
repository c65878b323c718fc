"""ColumnExpand: columns of one value each, put behind those a table has."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["expand"]


def _lists(asked: Any) -> tuple[list[str], list[Any]]:
    header = asked["append_header"] or []
    header = header if isinstance(header, list) else [header]
    values = asked["fill_value"]
    values = values if isinstance(values, list) else [values]
    return header, values * len(header) if len(values) == 1 else values


def expand(run: ComponentRun) -> dict[Party, PartyResult]:
    """Append the columns of the parameter, or of a fitted model, to a table of text."""
    results = {}
    for party in run.parties:
        table = first_table(run, party, "data", "train_data", "test_data")
        if table is None:
            raise ComponentFailed("input data is None", party)
        model = run.models.get(party)
        asked = model.state if model else parameter(run, party)
        names, values = _lists(asked)
        tail = "".join(f",{value}" for value in values)
        header = ",".join([table.schema.get("header") or "", *names])
        records = [(key, f"{value}{tail}") for key, value in table.records]
        schema = {**table.schema, "header": header}
        expanded = TableData("text", schema, records, table.partitions)
        if model is None:
            meta = message(
                "ColumnExpandMeta",
                appendHeader=names,
                method=asked["method"],
                fillValue=[str(value) for value in values],
                needRun=True,
            )
            # The header is one text, of which the real server saves every letter.
            param = message("ColumnExpandParam", header=list(header))
            state = {"append_header": names, "fill_value": values}
            model = saved_model("ColumnExpand", meta, param, state)
        results[party] = PartyResult([expanded], model=model)
    return results
