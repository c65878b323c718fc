"""SecureInformationRetrieval: a guest reads the host's labels of some ids, the host not learning which."""

from __future__ import annotations

import math
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import first_table, parameter, parties
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
    if table is None or not table.records:
        raise ComponentFailed("count of data_instance is 0", party)
    return table


def retrieve(run: ComponentRun) -> dict[Party, PartyResult]:
    """Give the guest the host's label of each of its ids."""
    guest, *others = parties(run, "guest", "host")
    if not others:
        raise ComponentFailed("secure information retrieval needs a host", guest)
    wanted = Instances.of(_input(run, guest))
    given = _input(run, others[0])
    there = Instances.of(given)
    values = there.labels or [row[0] if row else None for row in there.rows]
    known = dict(zip(there.keys, values, strict=True))
    labels = [known.get(key, "unretrieved") for key in wanted.keys]
    found = sum(key in known for key in wanted.keys)
    coverage = found / len(wanted)
    output = Instances(
        wanted.keys,
        [[] for _ in wanted.keys],
        labels,
        extra={"sid_name": "id", "label_name": "retrieved_value"},
        partitions=wanted.partitions,
    )
    results = {}
    for party in (guest, *others):
        asked = dict(parameter(run, party))
        raw = asked["raw_retrieval"] or not asked["security_level"]
        blocks = 1 if raw else _block_number(asked["security_level"])
        table = output.table() if party == guest else given
        result = PartyResult([table], model=_model(asked, coverage, 0 if raw else blocks))
        shown = "N/A" if raw else blocks
        meta = {"name": "sir", "metric_type": "INTERSECTION"}
        result.add_metric(
            "train", "sir", Metric([["Coverage", coverage], ["Block number", shown]], meta)
        )
        results[party] = result
    return results
