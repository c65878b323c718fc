from __future__ import annotations

import pytest

from component_bench import ARBITER, GUEST, HOST, instances, predict, run, under, vertical
from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun
from flowkit_mockserver.components.core.run import run_component


def test_a_kind_that_is_not_computed_fails() -> None:
    table = instances({"a": [1.0]}, ["x0"])
    job = ComponentRun(
        "job", "new_0", "Brand_new", "train", 1, [GUEST], {}, {GUEST: {"data": [("b", table)]}}
    )

    with pytest.raises(ComponentFailed, match="this mock server computes no Brand_new"):
        run_component(job)


@pytest.mark.parametrize(
    "module", ["HeteroLR", "HomoLR", "HomoSecureBoost", "LocalBaseline", "HeteroKmeans"]
)
def test_models_say_nothing_of_samples_that_are_only_called_data(module: str) -> None:
    own = vertical()[GUEST]
    tables = {GUEST: own, HOST: own}
    parties = [*tables] if module == "LocalBaseline" else [*tables, ARBITER]

    results = run(module, under("data", tables), parties=parties)
    later = predict(module, results, under("data", tables))

    assert results[GUEST].model is not None
    assert all(result.tables == [] for result in (*results.values(), *later.values()))
    assert later[GUEST].model is not None
    assert run(module, under("train_data", tables), parties=parties)[GUEST].tables != []


def test_a_party_that_needs_no_run_hands_its_data_on_alone() -> None:
    tables = vertical()

    results = run("FeatureScale", under("data", tables), by_party={HOST: {"need_run": False}})

    assert results[HOST].tables == [tables[HOST]]
    resting, active = results[HOST].model, results[GUEST].model
    assert resting is not None
    assert (resting.meta["needRun"], resting.param["header"]) == (False, [])
    assert active is not None
    assert active.meta["needRun"] is True


def test_data_that_a_kind_cannot_digest_fails_the_first_party() -> None:
    table = instances({"a": ["many"], "b": ["words"]}, ["x0"], [0, 1])

    with pytest.raises(ComponentFailed) as failure:
        run("HeteroLR", {HOST: {"train_data": table}, GUEST: {"train_data": table}})

    assert failure.value.party == GUEST


@pytest.mark.parametrize("kind", ["FederatedSample", "HeteroDataSplit"])
def test_what_tells_hosts_of_a_draw_needs_a_host(kind: str) -> None:
    alone = {GUEST: {"data": vertical()[GUEST]}}

    with pytest.raises(ComponentFailed) as failure:
        run(kind, alone, **({"fractions": 0.5} if kind == "FederatedSample" else {}))

    assert str(failure.value).endswith(
        "try to get role host which is not configured in `role` in runtime"
        " conf({'guest': [Party(role=guest, party_id=9999)]})"
    )


@pytest.mark.parametrize("kind", ["OneHotEncoder", "ColumnExpand"])
def test_a_component_that_rests_saves_an_empty_model(kind: str) -> None:
    results = run(
        kind,
        under("data", vertical()),
        by_party={HOST: {"need_run": False}, GUEST: {"need_run": False}},
    )

    for party in (GUEST, HOST):
        model = results[party].model
        assert model is not None
        assert model.meta["needRun"] is False


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("DataStatistics", "AttributeError: 'NoneType' object has no attribute 'static_names'"),
        ("FeatureImputation", "TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_some_components_fail_when_they_rest(kind: str, refusal: str) -> None:
    with pytest.raises(ComponentFailed) as failure:
        run(kind, under("data", vertical()), need_run=False)

    assert refusal in str(failure.value)
