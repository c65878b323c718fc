from __future__ import annotations

from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    column,
    horizontal,
    keys,
    predict,
    run,
    under,
    vertical,
)
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.party import Party

THREE = [GUEST, HOST, ARBITER]
ONE_LOSS = {"name": "train", "metric_type": "LOSS", "unit_name": "iters", "curve_name": "loss"}


def train(module: str = "HeteroLR", classes: int = 2, **options: Any) -> Results:
    options = {"max_iter": 5, "learning_rate": 0.2, **options}
    return run(module, under("train_data", vertical(60, classes)), parties=THREE, **options)


def right(rows: list[Any]) -> float:
    return sum(row[0] == row[1] for row in rows) / len(rows)


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def test_a_logistic_regression_learns() -> None:
    results = train(max_iter=10)

    table = results[GUEST].tables[0]
    assert table.schema["header"][:3] == ["label", "predict_result", "predict_score"]
    rows = [row for _, row in table.records]
    assert right(rows) > 0.85
    assert {row[4] for row in rows} == {"train"}
    assert rows[0][3] == {"0": 1 - rows[0][2], "1": rows[0][2]}
    assert results[HOST].tables == results[ARBITER].tables == []


def test_the_arbiter_alone_sees_the_loss_fall() -> None:
    results = train(max_iter=4, early_stop="diff", tol=0, optimizer="sgd")

    metric = results[ARBITER].metrics["train"]["loss"]
    losses = [value for _, value in metric.data]
    assert [i for i, _ in metric.data] == [0, 1, 2, 3]
    assert losses == sorted(losses, reverse=True)
    assert metric.meta == ONE_LOSS
    assert results[GUEST].metrics == results[HOST].metrics == {}
    assert results[ARBITER].summary is not None
    assert results[ARBITER].summary["loss_history"] == losses


def test_with_several_hosts_nobody_computes_a_loss() -> None:
    tables = vertical(60)
    other = Party("host", "10001")

    given = under("train_data", {**tables, other: tables[HOST]})
    results = run("HeteroLR", given, parties=[*THREE, other], max_iter=2, early_stop="weight_diff")

    assert results[ARBITER].metrics == {}
    assert results[ARBITER].summary is not None
    assert results[ARBITER].summary["loss_history"] == []


@pytest.mark.parametrize(
    "optimizer", ["sgd", "nesterov_momentum_sgd", "adam", "rmsprop", "adagrad"]
)
@pytest.mark.parametrize("penalty", ["L1", "L2", None])
def test_all_optimizers_learn(optimizer: str, penalty: str | None) -> None:
    results = train(optimizer=optimizer, penalty=penalty, max_iter=30, alpha=0.001, batch_size=20)

    assert right([row for _, row in results[GUEST].tables[0].records]) > 0.7


@pytest.mark.parametrize("how", ["diff", "abs", "weight_diff"])
def test_training_ends_when_it_has_converged(how: str) -> None:
    results = train(max_iter=50, early_stop=how, tol=10.0)

    assert results[ARBITER].summary is not None
    assert results[ARBITER].summary["is_converged"] is True
    assert len(results[ARBITER].summary["loss_history"]) < 3


@pytest.mark.parametrize("method", ["random_normal", "ones", "zeros", "const"])
def test_weights_may_start_in_several_ways(method: str) -> None:
    results = train(
        max_iter=1, learning_rate=0.0, init_param={"init_method": method, "init_const": 3}
    )

    assert results[GUEST].summary is not None
    first = results[GUEST].summary["coef"]["x0"]
    assert {"ones": 1.0, "zeros": 0.0, "const": 3.0}.get(method, first) == first


def test_each_party_knows_its_own_weights() -> None:
    results = train()

    for party, header in ((GUEST, ["x0", "x1"]), (HOST, ["x0", "x1", "x2"])):
        summary = results[party].summary
        assert summary is not None
        assert list(summary["coef"]) == header
        assert model_of(results[party]).param["weight"] == summary["coef"]
        assert model_of(results[party]).param["header"] == header
    assert results[HOST].summary is not None
    assert results[HOST].summary["intercept"] == 0
    assert model_of(results[ARBITER]).param["weight"] == {}
    meta = model_of(results[GUEST]).meta
    assert (meta["maxIter"], meta["batchSize"], meta["penalty"]) == ("5", "-1", "L2")


def test_training_is_repeatable_but_depends_on_the_seed() -> None:
    again = [train(seed=seed)[GUEST].summary for seed in (1, 1, 2)]

    assert again[0] == again[1]
    assert again[0] != again[2]


def test_prediction_uses_the_model() -> None:
    trained = train()
    tables = vertical(30)

    results = predict("HeteroLR", trained, under("test_data", tables))

    rows = results[GUEST].tables[0].records
    known = dict(train()[GUEST].tables[0].records)
    assert len(rows) == 30
    assert all(row[2] == pytest.approx(known[key][2]) for key, row in rows)
    assert {row[4] for _, row in rows} == {"predict"}
    assert model_of(results[GUEST]).param["weight"] == model_of(trained[GUEST]).param["weight"]


def test_prediction_without_a_model_of_one_party_fails() -> None:
    trained = train()
    trained[HOST].model = None

    with pytest.raises(ComponentFailed) as failure:
        predict("HeteroLR", trained, under("test_data", vertical(5)))

    assert failure.value.party == HOST


def test_several_classes_are_told_apart_one_against_the_rest() -> None:
    results = train(classes=3, max_iter=10)

    rows = [row for _, row in results[GUEST].tables[0].records]
    assert right(rows) > 0.6
    assert set(rows[0][3]) == {0, 1, 2}
    param = model_of(results[GUEST]).param
    assert param["needOneVsRest"] is True
    assert param["oneVsRestResult"]["oneVsRestClasses"] == ["0", "1", "2"]
    assert len(param["oneVsRestResult"]["completedModels"]) == 3
    later = predict("HeteroLR", results, under("test_data", vertical(60, 3)))
    assert [row[1] for _, row in later[GUEST].tables[0].records] == [row[1] for row in rows]


def test_rounds_are_evaluated_as_often_as_asked() -> None:
    inputs = {
        party: {"train_data": table, "validate_data": vertical(20, shift=500)[party]}
        for party, table in vertical(60).items()
    }

    results = run("HeteroLR", inputs, parties=THREE, max_iter=4, validation_freqs=2)

    metrics = results[GUEST].metrics
    for mode in ("train", "validate"):
        singles = {name for name in metrics[mode] if "ks" not in name}
        assert singles == {"iteration_1", "iteration_3"}
    assert results[GUEST].summary is not None
    assert len(results[GUEST].summary["validation_metrics"]["validate"]["auc"]) == 2


def test_every_class_against_the_rest_is_validated() -> None:
    inputs = {
        party: {"train_data": table, "validate_data": vertical(20, 3, shift=500)[party]}
        for party, table in vertical(60, 3).items()
    }

    results = run(
        "HeteroLR",
        inputs,
        parties=THREE,
        max_iter=3,
        validation_freqs=1,
        early_stopping_rounds=3,
    )

    rounds = results[GUEST].metrics["validate"]["iteration_0"].data
    assert [name for name, _ in rounds] == ["auc"] * 3 + ["ks"] * 3
    curve = results[GUEST].metrics["train"]["iteration_0_ks_fpr"].data
    assert [cut for cut, _ in curve] == sorted(cut for cut, _ in curve)
    arbiter = model_of(results[ARBITER])
    assert (arbiter.param["bestIteration"], arbiter.param["lossHistory"]) == (0, [])

    later = predict("HeteroLR", results, under("test_data", vertical(60, 3)))
    again = model_of(later[GUEST]).param["oneVsRestResult"]["completedModels"]
    assert [single["bestIteration"] for single in again] == [-1, -1, -1]


def test_training_stops_when_validation_gets_no_better() -> None:
    inputs = {
        party: {"train_data": table, "validate_data": vertical(20, shift=500)[party]}
        for party, table in vertical(60).items()
    }

    results = run(
        "HeteroLR",
        inputs,
        parties=THREE,
        max_iter=30,
        validation_freqs=1,
        early_stopping_rounds=2,
    )

    assert results[GUEST].summary is not None
    assert 0 <= results[GUEST].summary["best_iteration"] < 28
    assert len(results[GUEST].metrics["validate"]) < 30


def test_early_stopping_needs_something_to_validate_with() -> None:
    with pytest.raises(ComponentFailed, match="validate data"):
        train(validation_freqs=1, early_stopping_rounds=2)


@pytest.mark.parametrize("module", ["HeteroLinR", "HeteroPoisson"])
def test_regressions_predict_values(module: str) -> None:
    tables = vertical(60, 3)

    results = run(
        module, under("train_data", tables), parties=THREE, max_iter=20, learning_rate=0.05
    )

    rows = [row for _, row in results[GUEST].tables[0].records]
    high = [row[1] for row in rows if row[0] == 2]
    low = [row[1] for row in rows if row[0] == 0]
    assert sum(high) / len(high) > sum(low) / len(low)
    assert rows[0][3] == {"label": rows[0][1]}


def test_several_hosts_must_stop_by_their_weights() -> None:
    other = ("host", "10001")
    tables = {**vertical(20), other: vertical(20)[HOST]}

    with pytest.raises(ComponentFailed, match="Multiple host situation"):
        run(
            "HeteroLinR", under("train_data", tables), parties=[*tables, ARBITER], early_stop="diff"
        )


@pytest.mark.parametrize("module", ["HeteroLR", "HomoLR", "HeteroSecureBoost", "HomoSecureboost"])
def test_cross_validation_keeps_a_summary_of_each_fold(module: str) -> None:
    tables = horizontal(30) if module.startswith("Homo") else vertical(30)
    parties = [GUEST, HOST] if "Secureb" in module or "SecureB" in module else THREE
    rounds = {"num_trees": 2} if "ecure" in module else {"max_iter": 2}

    results = run(
        module,
        under("train_data", tables),
        parties=parties,
        cv_param={"need_cv": True, "n_splits": 3, "random_seed": 1},
        **rounds,
    )

    guest = results[GUEST]
    assert guest.summary is not None
    assert set(guest.summary) == {"fold_0", "fold_1", "fold_2", "fold_num"}
    assert guest.summary["fold_num"] == 3
    assert {"train_fold_0", "train_fold_2"} <= set(guest.metrics["train"])
    assert {"validate_fold_0", "validate_fold_2"} <= set(guest.metrics["validate"])
    history = guest.tables[0]
    assert len(history.records) == 3 * 30
    first = keys(tables[GUEST])[0]
    sets = [key.split("#")[2] for key in keys(history) if key.startswith(f"{first}#")]
    assert sorted(sets) == ["train", "train", "validate"]


def test_a_cross_validation_can_hand_the_samples_on() -> None:
    tables = vertical(30)
    cv = {"need_cv": True, "n_splits": 2, "output_fold_history": False}

    results = run("HeteroLR", under("train_data", tables), parties=THREE, max_iter=1, cv_param=cv)

    assert list(results[GUEST].tables[0].records) == tables[GUEST].records
    assert list(results[HOST].tables[0].records) == tables[HOST].records


def test_more_folds_than_samples_fail() -> None:
    with pytest.raises(ComponentFailed, match="Cannot have number of splits"):
        run(
            "HeteroLR",
            under("train_data", vertical(3)),
            parties=THREE,
            cv_param={"need_cv": True, "n_splits": 5},
        )


@pytest.fixture
def homo() -> Results:
    return run(
        "HomoLR", under("train_data", horizontal()), parties=THREE, max_iter=10, learning_rate=0.3
    )


def test_homo_parties_share_one_model(homo: Results) -> None:
    models = [model_of(homo[party]).param for party in (GUEST, HOST)]

    assert models[0]["weight"] == models[1]["weight"]
    assert models[0]["intercept"] == models[1]["intercept"]
    for party in (GUEST, HOST):
        assert right([row for _, row in homo[party].tables[0].records]) >= 0.8
        assert homo[party].metrics["train"]["loss"].meta == ONE_LOSS
    assert homo[ARBITER].metrics["train"]["loss"].meta == ONE_LOSS


def test_homo_prediction_uses_the_model(homo: Results) -> None:
    later = predict("HomoLR", homo, under("test_data", horizontal()))

    for party in (GUEST, HOST):
        before, after = homo[party].tables[0], later[party].tables[0]
        assert column(before, 1) == column(after, 1)
        assert set(column(after, 4)) == {"predict"}


def test_a_host_with_a_cipher_learns_results_but_no_scores() -> None:
    results = run(
        "HomoLR",
        under("train_data", horizontal()),
        parties=THREE,
        max_iter=3,
        by_party={HOST: {"encrypt_param": {"method": "Paillier"}}},
    )

    rows = [row for _, row in results[HOST].tables[0].records]
    assert {row[2] for row in rows} == {None}
    assert {row[1] for row in rows} <= {0, 1}
    assert results[HOST].summary is not None
    assert results[HOST].summary["coef"] == {}


def test_homo_lr_is_binary() -> None:
    with pytest.raises(ComponentFailed, match="binary classification only"):
        run("HomoLR", under("train_data", horizontal(30, 3)), parties=THREE)
