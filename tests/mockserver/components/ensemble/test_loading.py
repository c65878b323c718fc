"""Models as a real FATE 1.6.1 saved them, and what it predicted with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from component_bench import instances, run, under
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.party import Party

RECORDED = json.loads(
    Path(__file__).parent.joinpath("data/recorded_models.json").read_text("utf-8")
)
GUEST, HOST = Party("guest", "9999"), Party("host", "9998")
HETERO = {
    "hetero_secureboost_binary": "HeteroSecureBoost",
    "hetero_fast_sbt_mix": "HeteroFastSecureBoost",
}


def key(party: Party) -> str:
    return f"{party[0]}|{party[1]}"


def recorded(job: str, module: str, party: Party) -> Model:
    saved = RECORDED[job]["models"][key(party)]
    return saved_model(module, saved["meta"], saved["param"], role=party.role)


def table(job: str, party: Party, labelled: bool = True) -> Any:
    features = RECORDED[job]["features"][key(party)]
    header = [f"x{number}" for number in range(len(next(iter(features.values()))))]
    labels = {row["id"]: row["label"] for row in RECORDED[job]["rows"].get(key(party), [])}
    return instances(features, header, [labels[sid] for sid in features] if labelled else None)


def predictions(job: str, module: str, parties: list[Party], tables: dict[Party, Any]) -> Any:
    models = {party: recorded(job, module, party) for party in parties}
    return run(
        module, under("test_data", tables), parties=parties, models=models, job_type="predict"
    )


def expected(job: str, party: Party) -> dict[str, tuple[int, float]]:
    return {row["id"]: (row["result"], row["score"]) for row in RECORDED[job]["rows"][key(party)]}


def found(result: Any) -> dict[str, tuple[int, float]]:
    return {sid: (row[1], row[2]) for sid, row in result.tables[0].records}


@pytest.mark.parametrize("job", HETERO)
def test_trees_of_a_real_server_predict_to_the_last_digit(job: str) -> None:
    tables = {GUEST: table(job, GUEST), HOST: table(job, HOST, labelled=False)}

    results = predictions(job, HETERO[job], [GUEST, HOST], tables)

    assert found(results[GUEST]) == expected(job, GUEST)


@pytest.mark.parametrize("party", [GUEST, HOST])
def test_homo_trees_of_a_real_server_predict_to_the_last_digit(party: Party) -> None:
    job = "homo_secureboost_binary"

    results = predictions(
        job, "HomoSecureboost", [GUEST, HOST], {one: table(job, one) for one in (GUEST, HOST)}
    )

    assert found(results[party]) == expected(job, party)


def test_columns_may_stand_in_another_order() -> None:
    job = "hetero_secureboost_binary"
    given = table(job, GUEST)
    order = list(reversed(range(10)))
    rows = {sid: [row[1 + i] for i in order] for sid, row in given.records}
    turned = instances(rows, [f"x{i}" for i in order], [row[0] for _, row in given.records])

    results = predictions(
        job,
        "HeteroSecureBoost",
        [GUEST, HOST],
        {GUEST: turned, HOST: table(job, HOST, labelled=False)},
    )

    assert found(results[GUEST]) == expected(job, GUEST)


def test_a_split_that_no_model_knows_is_named() -> None:
    job, other = "hetero_secureboost_binary", Party("host", "9997")
    tables = {GUEST: table(job, GUEST), other: table(job, HOST, labelled=False)}
    models = {GUEST: recorded(job, "HeteroSecureBoost", GUEST)}
    models[other] = recorded(job, "HeteroSecureBoost", HOST)

    with pytest.raises(ComponentFailed, match="the split of node 2 lies with 'host:9998'"):
        run(
            "HeteroSecureBoost",
            under("test_data", tables),
            parties=[GUEST, other],
            models=models,
            job_type="predict",
        )
