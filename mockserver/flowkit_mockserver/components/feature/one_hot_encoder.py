"""OneHotEncoder and HomoOneHotEncoder: one column of zeros and ones for every value of a column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import instances, parameter, parties
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["encode", "encode_together"]

_LIMIT = 1024
Values = dict[str, list[Any]]


def _chosen(header: Sequence[str], asked: Mapping[str, Any]) -> list[str]:
    indexes = asked["transform_col_indexes"]
    if indexes == -1:
        return list(header)
    chosen = dict.fromkeys(header[i] for i in indexes or [] if i < len(header))
    chosen.update(dict.fromkeys(n for n in asked["transform_col_names"] or [] if n in header))
    return list(chosen)


def _values(data: Instances, names: Sequence[str]) -> Values:
    """Return the values of each column, in order.

    Raises:
        ValueError: a value is neither integer nor text, or there are too many of them.
    """
    columns = dict(zip(data.header, data.columns(), strict=True))
    found: Values = {}
    for name in names:
        values: set[Any] = set()
        for value in columns[name]:
            if isinstance(value, str):
                values.add(value)
                continue
            if math.ceil(value) != value:
                raise ValueError("Onehot input data support integer or string only")
            values.add(int(value))
        if len(values) > _LIMIT:
            raise ValueError(f"Input data should not have more than {_LIMIT} possible value")
        found[name] = sorted(values)
    return found


def _result_header(header: Sequence[str], values: Values) -> list[str]:
    shown: list[str] = []
    for name in header:
        shown += [f"{name}_{value}" for value in values[name]] if name in values else [name]
    return shown


def _encoded(data: Instances, values: Values) -> Instances:
    columns: list[list[Any]] = []
    # A row of ones and zeros alone holds integers; beside other features it holds floats.
    one, zero = (1, 0) if all(name in values for name in data.header) else (1.0, 0.0)
    for name, column in zip(data.header, data.columns(), strict=True):
        if name in values:
            columns += [[one if v == value else zero for v in column] for value in values[name]]
        else:
            columns.append(column)
    return data.with_columns(columns, _result_header(data.header, values))


def _model(module: str, header: list[str], names: list[str], values: Values) -> Model:
    maps = {
        name: message(
            "ColsMap",
            values=[str(value) for value in found],
            transformedHeaders=[f"{name}_{value}" for value in found],
        )
        for name, found in values.items()
    }
    return saved_model(
        module,
        message("OneHotMeta", transformColNames=names, header=header, needRun=True),
        message("OneHotParam", colMap=maps, resultHeader=_result_header(header, values)),
        {"header": header, "values": values},
    )


def _tables(run: ComponentRun) -> dict[Party, Instances]:
    tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    return tables


def _applied(model: Model, data: Instances) -> PartyResult:
    encoded = _encoded(data.aligned(model.state["header"]), model.state["values"])
    summary = {"transferred_dimension": len(encoded.header)}
    return PartyResult([encoded.table()], summary=summary, model=model)


def _fitted(module: str, data: Instances, asked: Mapping[str, Any], values: Values) -> PartyResult:
    encoded = _encoded(data, values)
    summary = {
        "original_dimension": len(data.header),
        "transferred_dimension": len(encoded.header),
    }
    names = _chosen(data.header, asked)
    model = _model(module, data.header, names, values)
    return PartyResult([encoded.table()], summary=summary, model=model)


def encode(run: ComponentRun) -> dict[Party, PartyResult]:
    """Encode each party's columns by its own values, or by those of a model."""
    results = {}
    for party, data in _tables(run).items():
        model, asked = run.models.get(party), parameter(run, party)
        if model:
            results[party] = _applied(model, data)
        else:
            values = _values(data, _chosen(data.header, asked))
            results[party] = _fitted(run.module, data, asked, values)
    return results


def encode_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Encode columns by the values that any party has, so that all end up with the same ones."""
    tables = _tables(run)
    if any(run.models.get(party) for party in tables):
        return {
            party: _applied(model, data)
            for party, data in tables.items()
            if (model := run.models.get(party))
        }
    own = {
        party: _values(data, _chosen(data.header, parameter(run, party)))
        for party, data in tables.items()
    }
    together: Values = {}
    for values in own.values():
        for name, found in values.items():
            together[name] = sorted({*together.get(name, []), *found})
    return {
        party: _fitted(
            run.module,
            data,
            parameter(run, party),
            together if parameter(run, party)["need_alignment"] else own[party],
        )
        for party, data in tables.items()
    }
