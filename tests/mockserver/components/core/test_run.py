from __future__ import annotations

import pytest

from component_bench import GUEST, HOST, instances, run, under, vertical
from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun
from flowkit_mockserver.components.core.run import run_component


def test_a_kind_that_nobody_knows_hands_its_data_on() -> None:
    table = instances({"a": [1.0]}, ["x0"])
    job = ComponentRun(
        "job", "new_0", "Brand_new", "train", 1, [GUEST], {}, {GUEST: {"data": [("b", table)]}}
    )

    results = run_component(job)

    assert results[GUEST].tables == [table]
    assert results[GUEST].model is None


def test_a_party_that_needs_no_run_hands_its_data_on_alone() -> None:
    tables = vertical()

    results = run("FeatureScale", under("data", tables), by_party={HOST: {"need_run": False}})

    assert results[HOST].tables == [tables[HOST]]
    assert results[HOST].model is None
    assert results[GUEST].model is not None


def test_data_that_a_kind_cannot_digest_fails_the_first_party() -> None:
    table = instances({"a": ["many"], "b": ["words"]}, ["x0"], [0, 1])

    with pytest.raises(ComponentFailed) as failure:
        run("HeteroLR", {HOST: {"train_data": table}, GUEST: {"train_data": table}})

    assert failure.value.party == GUEST
