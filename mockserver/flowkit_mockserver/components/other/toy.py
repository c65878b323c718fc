"""Rsa, SecureAddExample and FeldmanVerifiableSum: protocols on their own, and the sums they come to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.federation import Federation
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
    order_of,
)
from flowkit_mockserver.components.core.run import first_table, instances, parameter, parties
from flowkit_mockserver.party import Party

__all__ = ["add_secretly", "encrypt_ids", "sum_verifiably"]


def add_secretly(run: ComponentRun) -> dict[Party, PartyResult]:
    """Add random numbers of guest and host; nothing is left but the log."""
    return {party: PartyResult() for party in run.parties}


def sum_verifiably(run: ComponentRun) -> dict[Party, PartyResult]:
    """Give the guest the sums of what all parties have in some columns, sample by sample."""
    results = {party: PartyResult() for party in run.parties}
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, "data")
        if data is None:
            raise ComponentFailed("input data is None", party)
        chosen = parameter(run, party).get("sum_cols") or range(data.width)
        tables[party] = data.select([place for place in range(data.width) if place in chosen])
    if tables:
        federation = Federation(tables)
        guest = next(iter(tables))
        own = federation.guest
        digits = parameter(run, guest).get("q_n", 6)
        total = _fixed_point_sum(federation.features, 10**digits)
        summed = replace(
            own, labels=None, weights=None, extra={"sid_name": own.extra.get("sid_name")}
        )
        results[guest].tables = [summed.with_features(total).table()]
    return results


def _fixed_point_sum(parts: Sequence[NDArray[np.float64]], scale: int) -> NDArray[Any]:
    """Return the sums of matrices whose values are cut to multiples of 1 / `scale`; whole sums are integers."""
    total = np.sum([(part * scale).astype(np.int64) for part in parts], axis=0)
    whole, rest = np.divmod(total, scale)
    sums: NDArray[Any] = whole + rest / scale
    if (rest == 0).any():
        sums = sums.astype(object)
        sums[rest == 0] = whole[rest == 0]
    return sums


def _hash(value: object) -> str:
    return hashlib.sha256(str(value).encode()).hexdigest()


def encrypt_ids(run: ComponentRun) -> dict[Party, PartyResult]:
    """Map each id, hashed and encrypted with the given key, to itself; keep that as a table if asked to."""
    results = {}
    for party in run.parties:
        asked = parameter(run, party)
        table = first_table(run, party, "data")
        secret, modulus = asked.get("rsa_key_d"), asked.get("rsa_key_n")
        if table is None or secret is None or modulus is None:
            raise ComponentFailed("an RSA key (rsa_key_d, rsa_key_n) and data are needed", party)
        records: list[tuple[str, Any]] = [
            (_hash(pow(int(_hash(key), 16), int(secret), int(modulus))), key)
            for key, _ in table.records
        ]
        records.sort(key=lambda record: order_of(record[0]))
        encrypted = TableData("text", {"header": "id", "sid": "sid"}, records, table.partitions)
        namespace, name = asked["save_out_table_namespace"], asked["save_out_table_name"]
        if namespace and name:
            run.write_table(namespace, name, encrypted, True)
        results[party] = PartyResult(tables=[encrypted])
    return results
