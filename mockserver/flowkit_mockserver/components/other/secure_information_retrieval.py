"""SecureInformationRetrieval: a guest reads the host's labels of some ids, the host not learning which."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import positions_of
from flowkit_mockserver.columns.parts import Matrix, Part, Values
from flowkit_mockserver.components.core.guards import check_rows, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import first_table, parameter, parties
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["retrieve"]

_MOST_BLOCKS = 500
_NAME = "SecureInformationRetrieval"


def _block_number(level: float) -> int:
    """Return among how many blocks of ids the wanted one hides; 1 when nothing has to be hidden."""
    return math.ceil(2 * math.exp(math.log(_MOST_BLOCKS) * level)) if level else 1


def _model(asked: dict[str, Any], coverage: float, blocks: int) -> Model:
    meta = message(
        f"{_NAME}Meta",
        securityLevel=asked["security_level"],
        obliviousTransferProtocol=asked["oblivious_transfer_protocol"],
        commutativeEncryption=asked["commutative_encryption"],
        nonCommittingEncryption=asked["non_committing_encryption"],
        keySize=asked["key_size"],
        rawRetrieval=asked["raw_retrieval"],
    )
    param = message(f"{_NAME}Param", coverage=coverage, blockNum=blocks)
    name = _NAME
    return saved_model(name, meta, param)


def _input(run: ComponentRun, party: Party) -> TableData:
    table = first_table(run, party, "data", "train_data", "test_data")
    if table is None:
        raise ComponentFailed("input data is None", party)
    with guarded(party):
        check_rows(table.records)
    return table


def _values(data: Instances) -> NDArray[Any]:
    """Return what the host gives away of its samples: their labels, else their first column."""
    if data.labels is not None:
        return data.labels.astype(object)
    if data.width:
        return data.features[:, 0].astype(object)
    return np.full(len(data), None, dtype=object)


def _in_the_clear(output: Instances, there: Instances, places: NDArray[np.intp]) -> TableData:
    """Return what a raw retrieval hands over: of each sample found all that the host has, of others the mark alone."""
    known = [[cell for part in row for cell in part] for row in _cells(there)]
    labels = [[]] * len(output) if output.labels is None else output.labels[:, None].tolist()
    rows = [known[at] if at >= 0 else labels[i] for i, at in enumerate(places.tolist())]
    records = list(zip(output.ids.tolist(), rows, strict=True))
    return TableData("instance", output.schema, records, output.partitions)


def _cells(data: Instances) -> Iterator[tuple[list[Any], ...]]:
    parts: list[Part] = [Matrix(data.features, data.forms)]
    if data.labels is not None:
        parts.insert(0, Values(data.labels))
    return zip(*(part.cells() for part in parts), strict=True)


def retrieve(run: ComponentRun) -> dict[Party, PartyResult]:
    """Give the guest the host's label of each of its ids."""
    guest, *others = parties(run, "guest", "host")
    if not others:
        raise ComponentFailed("secure information retrieval needs a host", guest)
    wanted = Instances.of(_input(run, guest))
    given = _input(run, others[0])
    there = Instances.of(given)
    places = positions_of(wanted.ids, there.ids)
    found = places >= 0
    labels = np.full(len(wanted), "unretrieved", dtype=object)
    labels[found] = _values(there)[places[found]]
    retrieved = int(np.count_nonzero(found))
    output = replace(
        wanted,
        features=np.empty((len(wanted), 0)),
        labels=labels,
        weights=None,
        header=[],
        forms=None,
        extra={"sid_name": "id", "label_name": "retrieved_value"},
    )
    results = {}
    for party in (guest, *others):
        asked = dict(parameter(run, party))
        raw = asked["raw_retrieval"] or not asked["security_level"]
        blocks = 1 if raw else _block_number(asked["security_level"])
        coverage = retrieved / (len(wanted) if party == guest else len(there))
        table = given
        if party == guest:
            table = _in_the_clear(output, there, places) if raw else output.table()
        result = PartyResult([table], model=_model(asked, coverage, 0 if raw else blocks))
        shown = "N/A" if raw else blocks
        meta = {"name": "sir", "metric_type": "INTERSECTION"}
        result.add_metric(
            "train", "sir", Metric([["Coverage", coverage], ["Block number", shown]], meta)
        )
        results[party] = result
    return results
