"""OneHotEncoder and HomoOneHotEncoder: one column of zeros and ones for every value of a column.

The server keeps the values of a column in a set of Python, partition by partition, and its new columns come in the
order of that set. For integers this is an order that can be followed; for text it is one of chance, and alphabetical
here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import INTEGER, Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import instances, parameter, parties
from flowkit_mockserver.components.statistic.quantile import chosen_places, row_partitions
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["encode", "encode_together", "resting_model"]

_LIMIT = 1024
Values = dict[str, list[Any]]


def _in_set_order(parts: Iterable[Iterable[Any]]) -> list[Any]:
    """Return distinct values in the order of the set to which those of each part were added, one set after the other.

    Raises:
        ValueError: there are too many.
    """
    whole: set[Any] | None = None
    for part in parts:
        own: set[Any] = set()
        for value in part:
            own.add(value)
        if whole is None:
            whole = own
        else:
            for value in own:
                whole.add(value)
    values = list(whole or ())
    if len(values) > _LIMIT:
        raise ValueError(
            f"Input data should not have more than {_LIMIT} possible value when doing one-hot"
            " encode"
        )
    # The order of texts in a set differs from one run of Python to the next.
    return sorted(values, key=str) if any(isinstance(value, str) for value in values) else values


def _appearing(column: NDArray[Any]) -> list[Any]:
    """Return the distinct values of a column in the order in which they first appear.

    Raises:
        ValueError: a value is neither integer nor text.
    """
    if column.dtype == object:
        values = list(dict.fromkeys(column.tolist()))
    else:
        found, first = np.unique(column, return_index=True)
        values = found[np.argsort(first)].tolist()
    whole: list[Any] = []
    for value in values:
        if isinstance(value, str):
            whole.append(value)
            continue
        if value != value:
            raise ValueError("cannot convert float NaN to integer")
        if value != int(value):
            raise ValueError("Onehot input data support integer or string only")
        whole.append(int(value))
    return whole


def _values(data: Instances, places: Sequence[int]) -> Values:
    """Return the values of each of some columns, in the order in which they become columns.

    Raises:
        ValueError: a value is neither integer nor text, or there are too many of them.
    """
    if not places:
        return {}
    parts = [rows for rows in row_partitions(data) if len(rows)]
    return {
        data.header[place]: _in_set_order(_appearing(data.features[rows, place]) for rows in parts)
        for place in places
    }


def _result_header(header: Sequence[str], values: Values) -> list[str]:
    shown: list[str] = []
    for name in header:
        shown += [f"{name}_{value}" for value in values[name]] if name in values else [name]
    return shown


def _encoded(data: Instances, header: Sequence[str], values: Values) -> Instances:
    """Return the table with columns encoded; which is which, says their place.

    A row is one array to the server: of integers alone it holds integers; one float makes floats of all, one text
    makes texts of all.
    """
    parts: list[NDArray[Any]] = []
    kept = [place for place, name in enumerate(header) if name not in values]
    for place, name in enumerate(header):
        column = data.features[:, place]
        if name in values:
            parts += [(column == value).astype(np.float64)[:, None] for value in values[name]]
        else:
            parts.append(column[:, None])
    shown = _result_header(header, values)
    rest = data.features[:, kept]
    if rest.dtype == object and any(isinstance(cell, str) for row in rest.tolist() for cell in row):
        parts = [
            part if part.dtype == object else part.astype(np.int64).astype(object) for part in parts
        ]
        texts = np.concatenate(parts, axis=1).astype(np.str_).astype(object)
        return data.with_features(texts, shown)
    features = np.concatenate([np.empty((len(data), 0)), *parts], axis=1).astype(np.float64)
    whole = not kept or (data.forms is not None and bool(np.all(data.forms[kept] == INTEGER)))
    forms = np.full(len(shown), INTEGER if whole else 0, dtype=np.uint8)
    return data.with_features(features, shown, forms)


def _model(module: str, header: Sequence[str], names: list[str], values: Values) -> Model:
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
    )


def resting_model(run: ComponentRun, party: Party) -> Model | None:
    """Return the model of a party that rests (``need_run: false``): it encodes no column. An arbiter has none."""
    if party.role == "arbiter":
        return None
    model = _model(run.module, [], [], {})
    model.meta["needRun"] = False
    return model


def _read(value: str) -> Any:
    try:
        return ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return value


def _loaded(model: Model) -> Values:
    columns = model.param["colMap"]
    return {name: [_read(value) for value in found["values"]] for name, found in columns.items()}


def _tables(run: ComponentRun) -> dict[Party, Instances]:
    tables = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data", "train_data", "test_data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        tables[party] = data
    return tables


def _applied(model: Model, data: Instances) -> PartyResult:
    header = list(model.meta["header"])
    if len(header) > data.width:
        raise ValueError(f"index {data.width} is out of bounds for axis 0 with size {data.width}")
    encoded = _encoded(data, header, _loaded(model))
    summary = {"transferred_dimension": len(encoded.header)}
    return PartyResult([encoded.table()], summary=summary, model=model)


def _places(data: Instances, asked: Mapping[str, Any]) -> list[int]:
    return chosen_places(data.header, asked["transform_col_indexes"], asked["transform_col_names"])


def _fitted(module: str, data: Instances, places: Sequence[int], values: Values) -> PartyResult:
    encoded = _encoded(data, data.header, values)
    summary = {
        "original_dimension": len(data.header),
        "transferred_dimension": len(encoded.header),
    }
    model = _model(module, data.header, [data.header[place] for place in places], values)
    return PartyResult([encoded.table()], summary=summary, model=model)


def encode(run: ComponentRun) -> dict[Party, PartyResult]:
    """Encode each party's columns by its own values, or by those of a model."""
    results = {}
    for party, data in _tables(run).items():
        model, asked = run.models.get(party), parameter(run, party)
        with guarded(party):
            if model:
                results[party] = _applied(model, data)
                continue
            check_table(data)
            places = _places(data, asked)
            results[party] = _fitted(run.module, data, places, _values(data, places))
    return results


def encode_together(run: ComponentRun) -> dict[Party, PartyResult]:
    """Encode columns by the values that any party has, so that all end up with the same ones."""
    tables = _tables(run)
    results = {}
    if any(run.models.get(party) for party in tables):
        for party, data in tables.items():
            if model := run.models.get(party):
                with guarded(party):
                    results[party] = _applied(model, data)
        return results
    places, own = {}, {}
    for party, data in tables.items():
        with guarded(party):
            check_table(data)
            places[party] = _places(data, parameter(run, party))
            own[party] = _values(data, places[party])
    together: Values = {}
    for values in own.values():
        for name, found in values.items():
            together[name] = _in_set_order([[*together.get(name, []), *found]])
    aligned = {name: _in_set_order([found]) for name, found in together.items()}
    for party, data in tables.items():
        with guarded(party):
            alike = parameter(run, party)["need_alignment"]
            if alike:
                _check_types(aligned)
            elif run.behaviour.needs_alignment:
                # Only what was aligned gets its new headers.
                raise ValueError(f"KeyError: {next(iter(own[party].values()))[0]!r}")
            values = aligned if alike else own[party]
            results[party] = _fitted(run.module, data, places[party], values)
    return results


def _check_types(values: Values) -> None:
    """Refuse columns in which the same value is text with one party and a number with another.

    Raises:
        ValueError: there is such a column.
    """
    for found in values.values():
        if len({str(value) for value in found}) != len(found):
            raise ValueError(
                "Same values with different types have occurred among different parties"
            )
