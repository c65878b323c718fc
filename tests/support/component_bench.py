"""Components run one at a time, on small tables made up here."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult, TableData
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

GUEST = Party("guest", "9999")
HOST = Party("host", "10000")
ARBITER = Party("arbiter", "9998")
Results = dict[Party, PartyResult]


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes`, maps merged member by member."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merged(old, value) if both else value
    return result


def kind_named(name: str) -> Kind:
    """Return a kind that there is."""
    kind = find_kind(name)
    assert kind is not None, name
    return kind


def asked(module: str, **changes: Any) -> dict[str, Any]:
    """Return the stored parameters of a component: the defaults of `module` with `changes`."""
    kind = kind_named(module)
    tree = merged(deepcopy(dict(kind.defaults)), changes)
    return {kind.param_class: tree, "module": module, "CodePath": "x"}


def run(
    module: str,
    inputs: Mapping[Party, Mapping[str, Any]] | None = None,
    *,
    parties: Sequence[Party] | None = None,
    by_party: Mapping[Party, Mapping[str, Any]] | None = None,
    component: str = "component_0",
    **options: Any,
) -> Results:
    """Run a component.

    Args:
        module: its kind.
        inputs: by party and data key a table, or (component, table) pairs.
        parties: who runs it; those with inputs by default.
        by_party: parameters of single parties.
        component: its name.
        options: further fields of the run (models, isometric, …); all others are parameters of the component.
    """
    fields = {k: options.pop(k) for k in list(options) if k in ComponentRun.__dataclass_fields__}
    members = list(parties or inputs or [GUEST])
    given = {
        party: {
            key: value if isinstance(value, list) else [("before_0", value)]
            for key, value in (inputs or {}).get(party, {}).items()
        }
        for party in members
    }
    stored = {
        party: asked(module, **merged(options, (by_party or {}).get(party, {})))
        for party in members
    }
    fields = {"job_type": "train", "seed": 1, **fields}
    return run_component(
        ComponentRun(
            job_id="job",
            component=component,
            module=module,
            parties=members,
            parameters=stored,
            inputs=given,
            **fields,
        )
    )


def predict(
    module: str, trained: Results, inputs: Mapping[Party, Mapping[str, Any]], **options: Any
) -> Results:
    """Run a component with the models it trained, read back from their documents."""
    models = {
        party: Model.from_document(result.model.to_document())
        for party, result in trained.items()
        if result.model
    }
    parties = list(trained)
    return run(module, inputs, parties=parties, models=models, job_type="predict", **options)


def text(rows: Mapping[str, str], header: str, sid: str = "id") -> TableData:
    """Return an uploaded table."""
    return TableData("text", {"header": header, "sid": sid}, list(rows.items()))


def instances(
    rows: Mapping[str, Sequence[Any]],
    header: Sequence[str],
    labels: Iterable[Any] | None = None,
    weights: Iterable[float] | None = None,
) -> TableData:
    """Return a table of samples, by key."""
    values = [list(row) for row in rows.values()]
    if labels is not None:
        values = [[label, *row] for label, row in zip(labels, values, strict=True)]
    if weights is not None:
        values = [[*row, weight] for row, weight in zip(values, weights, strict=True)]
    schema: dict[str, Any] = {
        "header": list(header),
        "sid_name": "id",
        "labelled": labels is not None,
        "weighted": weights is not None,
    }
    if labels is not None:
        schema["label_name"] = "y"
    return TableData("instance", schema, list(zip(rows, values, strict=True)))


def _draws(count: int, width: int, seed: int) -> list[list[float]]:
    source = random.Random(seed)
    return [[round(source.gauss(0, 1), 4) for _ in range(width)] for _ in range(count)]


def vertical(count: int = 60, classes: int = 2, *, shift: int = 0) -> dict[Party, TableData]:
    """Return the same samples with two columns and labels at the guest, three columns at the host."""
    ours, theirs = _draws(count, 2, 1), _draws(count, 3, 2)
    keys = [str(i + shift) for i in range(count)]
    scores = [a[0] + b[0] - 0.5 * b[1] for a, b in zip(ours, theirs, strict=True)]
    if classes:
        ranked = sorted(scores)
        labels = [min(ranked.index(score) * classes // count, classes - 1) for score in scores]
    else:
        labels = scores
    return {
        GUEST: instances(dict(zip(keys, ours, strict=True)), ["x0", "x1"], labels),
        HOST: instances(dict(zip(keys, theirs, strict=True)), ["x0", "x1", "x2"]),
    }


def horizontal(count: int = 40, classes: int = 2) -> dict[Party, TableData]:
    """Return different samples of the same two columns and labels, half at the guest and half at the host."""
    rows = _draws(2 * count, 2, 3)
    ranked = sorted(row[0] - row[1] for row in rows)
    labels = [ranked.index(row[0] - row[1]) * classes // (2 * count) for row in rows]
    tables = {}
    for place, party in enumerate((GUEST, HOST)):
        part = slice(place * count, (place + 1) * count)
        keys = [f"{party[0]}{i}" for i in range(count)]
        tables[party] = instances(
            dict(zip(keys, rows[part], strict=True)), ["x0", "x1"], labels[part]
        )
    return tables


def under(key: str, tables: Mapping[Party, TableData]) -> dict[Party, dict[str, TableData]]:
    """Return tables as the input of a component under one data key."""
    return {party: {key: table} for party, table in tables.items()}


def column(table: TableData, place: int) -> list[Any]:
    """Return one value of each row."""
    return [value[place] for _, value in table.records]


def keys(table: TableData) -> list[str]:
    """Return the keys of all rows."""
    return [key for key, _ in table.records]
