"""What components of the later lines compute, beside numbers of a real FATE 1.11.4."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    column,
    instances,
    kind_named,
    predict,
    run,
    text,
    under,
    vertical,
)
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.components.evaluation.classification_metric import BinaryScores
from flowkit_mockserver.components.model_selection.k_fold import folds
from flowkit_mockserver.dialects import dialect_of

LATER = dialect_of("1.11").behaviour
HERE = Path(__file__).parent
REAL: dict[str, Any] = json.loads(
    gzip.decompress((HERE / "data" / "later_lines.json.gz").read_bytes())
)
BREAST: dict[str, Any] = json.loads(
    gzip.decompress((HERE / "linear_model" / "data" / "homo_lr.json.gz").read_bytes())
)
HETERO_BREAST: dict[str, Any] = json.loads(
    gzip.decompress((HERE / "nn" / "data" / "own_networks.json.gz").read_bytes())
)["hetero"]
PARTIES = {"guest": GUEST, "host": HOST}


def samples(lines: list[str], header: list[str], *, labelled: bool) -> TableData:
    rows = [line.split(",") for line in lines]
    first = 1 + labelled
    return Instances.from_rows(
        [row[0] for row in rows],
        [[float(cell) for cell in row[first:]] for row in rows],
        [int(row[1]) for row in rows] if labelled else None,
        None,
        header,
        {"sid_name": "id", "label_name": "y"},
    ).table()


def mini() -> dict[Any, dict[str, TableData]]:
    """Return FATE's mini breast data: three columns on each side."""
    return {
        GUEST: {"train_data": samples(REAL["mini"]["guest"], ["x0", "x1", "x2"], labelled=True)},
        HOST: {"train_data": samples(REAL["mini"]["host"], ["x3", "x4", "x5"], labelled=False)},
    }


@pytest.mark.parametrize("real", REAL["sshe"], ids=["every iteration", "at the end"])
def test_a_regression_on_shares_takes_the_steps_of_the_real_one(real: dict[str, Any]) -> None:
    results = run("HeteroSSHELR", mini(), behaviour=LATER, **real["asked"])

    losses = [loss for _, loss in results[GUEST].metrics["train"]["loss"].data]
    assert losses == pytest.approx(real["losses"], rel=1e-5)
    for role, party in PARTIES.items():
        summary = results[party].summary
        assert summary is not None
        assert summary["coef"] == pytest.approx(real[role]["coef"], rel=1e-5)
        assert summary["intercept"] == pytest.approx(real[role]["intercept"], rel=1e-5)
    assert column(results[GUEST].tables[0], 2)[:20] == pytest.approx(real["scores"], rel=1e-5)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"optimizer": "rmsprop"}, "take no steps by rmsprop"),
        ({"optimizer": "adam"}, "take no steps by adam"),
    ],
)
def test_what_is_not_computed_on_shares_fails(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ComponentFailed, match=sentence):
        run("HeteroSSHELR", mini(), behaviour=LATER, **asked)


def test_folds_on_shares_are_trained_one_by_one() -> None:
    asked = {**REAL["sshe"][0]["asked"], "cv_param": {"need_cv": True, "n_splits": 3}}
    data = mini()
    results = run("HeteroSSHELR", data, behaviour=LATER, **asked)
    curves = results[GUEST].metrics["train"]

    assert sorted(name for name in curves if name.startswith("loss")) == [
        "loss.0",
        "loss.1",
        "loss.2",
    ]
    assert "loss.0" not in results[HOST].metrics.get("train", {})
    summary = results[HOST].summary
    assert summary is not None
    assert summary["fold_num"] == 3
    assert summary["fold_2"]["intercept"] == 0.0
    model = results[GUEST].model
    assert model is not None
    assert (model.param["weight"], model.param["header"], model.param["iters"]) == ({}, [], 0)
    # A fold is a training on its samples.
    table = Instances.of(data[GUEST]["train_data"])
    cv = {**kind_named("HeteroSSHELR").defaults["cv_param"], "n_splits": 3}
    (kept, _), *_ = folds(table.ids, cv)
    part = {
        party: {"train_data": Instances.of(table["train_data"]).take(kept).table()}
        for party, table in data.items()
    }
    alone = run("HeteroSSHELR", part, behaviour=LATER, **REAL["sshe"][0]["asked"])
    assert alone[HOST].summary is not None
    assert summary["fold_0"]["coef"] == pytest.approx(alone[HOST].summary["coef"], rel=1e-9)


def test_several_classes_are_told_apart_on_shares_one_by_one() -> None:
    tables = vertical(60, 3)
    results = run("HeteroSSHELR", under("train_data", tables), behaviour=LATER, max_iter=5)
    guest = Instances.of(tables[GUEST])
    assert guest.labels is not None
    alone = replace(guest, labels=(guest.labels == 1).astype(np.int64)).table()
    single = run(
        "HeteroSSHELR",
        under("train_data", {**tables, GUEST: alone}),
        behaviour=LATER,
        max_iter=5,
    )

    summary, other = results[GUEST].summary, single[GUEST].summary
    assert summary is not None
    assert other is not None
    assert list(summary) == ["0", "1", "2"]
    assert summary["1"] == {**other, "one_vs_rest": True}
    assert list(results[HOST].summary or {}) == ["0", "1", "2"]
    assert "loss" not in results[GUEST].metrics.get("train", {})
    model = results[GUEST].model
    assert model is not None
    assert model.meta["needOneVsRest"]
    assert model.param["oneVsRestResult"]["oneVsRestClasses"] == ["0", "1", "2"]
    assert len(model.param["oneVsRestResult"]["completedModels"][2]["lossHistory"]) == 5
    later = predict("HeteroSSHELR", results, under("test_data", tables), behaviour=LATER)
    assert column(later[GUEST].tables[0], 1) == column(results[GUEST].tables[0], 1)


def test_weights_of_samples_count_for_nothing_on_shares() -> None:
    data, real = mini(), REAL["sshe"][0]
    guest = Instances.of(data[GUEST]["train_data"])
    weighed = replace(guest, weights=np.linspace(1, 2, len(guest)))
    data[GUEST] = {"train_data": weighed.table()}

    results = run("HeteroSSHELR", data, behaviour=LATER, **real["asked"])

    losses = [loss for _, loss in results[GUEST].metrics["train"]["loss"].data]
    assert losses == pytest.approx(real["losses"], rel=1e-5)


@pytest.mark.parametrize("real", REAL["imputations"], ids=["columns", "42", "mean", "two values"])
def test_what_is_missing_is_filled_as_on_the_real_server(real: dict[str, Any]) -> None:
    header = ["doctorco", "hscore", "chcond1", "chcond2"]
    visits = samples(REAL["visits"], header, labelled=False)

    result = run("FeatureImputation", {GUEST: {"data": visits}}, behaviour=LATER, **real["asked"])[
        GUEST
    ]

    assert result.summary == real["summary"]
    assert result.model is not None
    assert result.model.param == real["model"]
    shown = [f"{key},{','.join(map(str, row))}" for key, row in result.tables[0].records]
    assert shown[:40] == real["rows"]


@pytest.fixture(scope="module")
def scaled() -> dict[Any, Any]:
    """Return FATE's homogeneous breast data, scaled."""
    header = [f"x{i}" for i in range(30)]
    raw = {
        party: {"data": samples(BREAST["rows"][role], header, labelled=True)}
        for role, party in PARTIES.items()
    }
    done = run("FeatureScale", raw)
    return {party: done[party].tables[0] for party in PARTIES.values()}


def homo_lr(tables: dict[Any, Any], **asked: Any) -> Any:
    inputs: dict[Any, Any] = {party: {"train_data": table} for party, table in tables.items()}
    options = {**REAL["homo_lr"]["asked"], **asked}
    return run("HomoLR", {**inputs, ARBITER: {}}, behaviour=LATER, **options)


def losses(results: Any, party: Any = GUEST) -> list[float]:
    return [loss for _, loss in results[party].metrics["train"]["loss"].data]


@pytest.fixture(params=["torch", "numpy"])
def computed_with(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Compute regressions with either library."""
    if request.param == "torch":
        pytest.importorskip("torch", reason="networks are computed on torch, the extra nn")
    found = request.param == "torch"
    name = "flowkit_mockserver.components.linear_model.averaged.average.torch_installed"
    monkeypatch.setattr(name, lambda: found)
    return str(request.param)


def test_a_homogeneous_regression_is_an_averaged_network(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    real = REAL["homo_lr"]

    results = homo_lr(scaled)

    for role, party in PARTIES.items():
        summary = results[party].summary
        assert summary is not None
        # The real server hands these three on in the wrong order.
        assert summary["best_iteration"] == pytest.approx(real[role]["best_iteration"], rel=1e-5)
        assert summary["is_converged"] == real[role]["is_converged"] == 4
        assert summary["local_loss_history"] is False
        assert summary["coef"] == pytest.approx(real[role]["coef"], rel=1e-4)
        scores = {key: cells[2] for key, cells in results[party].tables[0].records}
        for line in real[role]["rows"]:
            key, _, _, score, *_ = line.split(",")
            assert scores[key] == pytest.approx(float(score), abs=2e-7)
    assert results[ARBITER].model is None
    assert results[ARBITER].metrics["train"]["loss"].data == []


def test_a_small_last_batch_counts_as_a_whole_one(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    still = {"learning_rate": 1e-9, "max_iter": 1}

    whole, cut = (losses(homo_lr(scaled, batch_size=size, **still))[0] for size in (-1, 200))

    # 227 samples: the loss of the last 27 is multiplied by 200 as well.
    assert cut > 1.5 * whole


@pytest.mark.parametrize(
    "optimizer", ["sgd", "nesterov_momentum_sgd", "rmsprop", "adam", "adagrad"]
)
def test_numpy_takes_the_steps_of_torch(
    scaled: dict[Any, Any], monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    pytest.importorskip("torch", reason="networks are computed on torch, the extra nn")
    asked = {"optimizer": optimizer, "batch_size": 100, "max_iter": 3}
    by_torch = losses(homo_lr(scaled, **asked))
    name = "flowkit_mockserver.components.linear_model.averaged.average.torch_installed"
    monkeypatch.setattr(name, lambda: False)

    assert losses(homo_lr(scaled, **asked)) == pytest.approx(by_torch, rel=1e-4)


def test_weights_of_samples_cancel_out_and_losses_are_sums(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    def weighed(table: TableData, weight: float) -> TableData:
        data = Instances.of(table)
        return replace(data, weights=np.full(len(data), weight)).table()

    asked = {"max_iter": 2, "learning_rate": 0.001}
    plain = losses(homo_lr(scaled, **asked))
    once, twice = (
        losses(homo_lr({party: weighed(t, weight) for party, t in scaled.items()}, **asked))
        for weight in (1.0, 2.0)
    )

    assert once == pytest.approx(twice)
    assert once[0] == pytest.approx(227 * plain[0], rel=1e-4)


def test_several_classes_are_told_from_the_rest_one_by_one(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    def with_classes(table: TableData) -> TableData:
        data = Instances.of(table)
        return replace(data, labels=np.arange(len(data)) % 3).table()

    tables = {party: with_classes(table) for party, table in scaled.items()}

    results = homo_lr(tables, max_iter=2)

    assert results[GUEST].summary is not None
    assert list(results[GUEST].summary) == ["0", "1", "2"]
    assert results[GUEST].summary["1"]["one_vs_rest"] is True
    assert results[GUEST].metrics == {}
    # The guest alone puts the models together, and an arbiter says no more than how many there are.
    assert results[HOST].tables == []
    assert results[ARBITER].summary == {str(i): {"one_vs_rest": True} for i in range(3)}
    details = column(results[GUEST].tables[0], 3)
    assert set(details[0]) == {"0", "1", "2"}
    assert set(column(results[GUEST].tables[0], 0)) == {0, 1, 2}
    model = results[HOST].model
    assert model is not None
    assert model.param["oneVsRestResult"]["oneVsRestClasses"] == ["0", "1", "2"]
    assert model.meta["needOneVsRest"] is True
    again = predict(
        "HomoLR",
        {party: results[party] for party in PARTIES.values()},
        {party: {"test_data": table} for party, table in tables.items()},
        behaviour=LATER,
    )
    assert column(again[GUEST].tables[0], 2) == pytest.approx(column(results[GUEST].tables[0], 2))


def test_an_averaged_regression_needs_labels_everywhere(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    bare = replace(Instances.of(scaled[HOST]), labels=None).table()

    with pytest.raises(ComponentFailed, match="binary classification only"):
        homo_lr({**scaled, HOST: bare})


def test_folds_of_an_averaged_regression_are_trained_one_by_one(
    scaled: dict[Any, Any], computed_with: str
) -> None:
    cv = {"need_cv": True, "n_splits": 3, "shuffle": False}

    results = homo_lr(scaled, cv_param=cv, max_iter=1)

    assert results[GUEST].summary is not None
    assert results[GUEST].summary["fold_num"] == 3
    assert {"train_fold_0", "validate_fold_2"} <= {
        name for names in results[GUEST].metrics.values() for name in names
    }
    assert results[GUEST].warnings == []


def test_the_loss_of_a_logistic_regression_counts_all_of_guest_times_host() -> None:
    asked = {"max_iter": 2, "init_param": {"init_method": "ones"}, "optimizer": "sgd"}
    inputs = {**under("train_data", vertical()), ARBITER: {}}

    first = run("HeteroLR", inputs, **asked)[ARBITER].metrics["train"]["loss"].data[0][1]
    later = run("HeteroLR", inputs, behaviour=LATER, **asked)[ARBITER]

    tables = {party: Instances.of(table) for party, table in vertical().items()}
    guest, host = (tables[party].numbers.sum(axis=1) for party in (GUEST, HOST))
    # Three quarters of the product were left out; the intercept starts at 1 as well.
    missing = 0.125 * 1.5 * float((guest + 1) @ host) / len(guest)
    assert later.metrics["train"]["loss"].data[0][1] == pytest.approx(first + missing)
    assert later.model is not None
    assert len(later.model.param["lossHistory"]) == later.model.param["iters"] == 2


def test_a_hetero_regression_has_the_digits_of_the_real_one() -> None:
    real = REAL["hetero_lr"]
    header = {"guest": [f"x{i}" for i in range(10)], "host": [f"x{i}" for i in range(20)]}
    inputs: dict[Any, dict[str, Any]] = {
        party: {
            "train_data": samples(
                HETERO_BREAST[role]["rows"], header[role], labelled=role == "guest"
            )
        }
        for role, party in PARTIES.items()
    }

    results = run("HeteroLR", {**inputs, ARBITER: {}}, behaviour=LATER, **real["asked"])

    assert losses(results, ARBITER) == pytest.approx(real["losses"], rel=1e-13)
    for role, party in PARTIES.items():
        summary = results[party].summary
        assert summary is not None
        # Equal to the bit where products of vectors are summed as on the real server's processor.
        assert summary["coef"] == pytest.approx(real[role]["coef"], rel=1e-12)
        assert summary["intercept"] == pytest.approx(real[role]["intercept"], rel=1e-13)
    scores = {key: cells[2] for key, cells in results[GUEST].tables[0].records}
    for line in real["guest"]["rows"]:
        key, _, _, score, *_ = line.split(",")
        assert scores[key] == pytest.approx(float(score), rel=1e-14)


def test_callbacks_ask_for_validation() -> None:
    results = run(
        "HeteroLR",
        {**under("train_data", vertical()), ARBITER: {}},
        behaviour=LATER,
        max_iter=2,
        callback_param={
            "callbacks": ["PerformanceEvaluate"],
            "validation_freqs": 1,
            "metrics": ["auc"],
        },
    )

    summary = results[GUEST].summary
    assert summary is not None
    assert list(summary["validation_metrics"]["train"]) == ["auc"]
    assert len(summary["validation_metrics"]["train"]["auc"]) == 2


def test_confusion_matrices_are_those_of_a_hundred_thresholds() -> None:
    import numpy as np

    found = BinaryScores(np.array([True, False]), np.array([0.75, 0.25]), rising=True)

    counted, thresholds = found.confusion()

    assert thresholds[:2].tolist() == [0.0, 0.01]
    assert len(thresholds) == 100
    assert counted.tp.tolist() == [1] * 75 + [0] * 25
    assert counted.fp.tolist() == [1] * 25 + [0] * 75


def test_labels_become_others_and_predictions_get_theirs_back() -> None:
    table = instances({"1": [0.5], "2": [0.1]}, ["x0"], [1, 0])

    done = run(
        "LabelTransform",
        {GUEST: {"data": table}},
        behaviour=LATER,
        label_encoder={"0": "no", "1": "yes"},
    )[GUEST]

    assert column(done.tables[0], 0) == ["yes", "no"]
    assert done.model is not None
    assert done.model.param["encoderValueType"] == {"0": "str", "1": "str"}


def test_a_party_that_rests_saves_the_encoder_it_was_given() -> None:
    table = instances({"1": [0.5]}, ["x0"])

    done = run(
        "LabelTransform",
        {HOST: {"data": table}},
        behaviour=LATER,
        need_run=False,
        label_encoder={"0": 1, "1": 0},
    )[HOST]

    assert done.tables == [table]
    assert done.model is not None
    assert done.model.meta == {"needRun": False}
    assert done.model.param["labelEncoder"] == {"0": "1", "1": "0"}


def test_the_surest_unlabeled_samples_become_positive() -> None:
    data = instances({"1": [0.5], "2": [0.1], "3": [0.2]}, ["x0"], [1, 0, 0])
    scores = {"1": 0.9, "2": 0.3, "3": 0.6}
    said = TableData(
        "prediction",
        {
            "header": ["label", "predict_result", "predict_score", "predict_detail", "type"],
            "sid_name": "id",
        },
        [
            (key, [int(key == "1"), 0, score, {"0": 1 - score, "1": score}, "train"])
            for key, score in scores.items()
        ],
    )

    done = run(
        "PositiveUnlabeled",
        {GUEST: {"data": [("intersection_0", data), ("lr_0", said)]}},
        behaviour=LATER,
        strategy="quantity",
        threshold=1,
    )[GUEST]

    assert column(done.tables[0], 0) == [1, 0, 1]
    assert done.summary == {"count of converted unlabeled": 1}


def test_samples_that_share_a_match_id_are_all_kept() -> None:
    guest = text({"a": "7,0.5", "b": "8,0.1", "c": "7,0.2"}, "id,x0", "mock_id")
    host = text({"h": "7,1.5", "i": "9,2.5"}, "id,x0", "sample_id")
    read = {
        party: run("DataTransform", {party: {"data": table}}, behaviour=LATER, with_match_id=True)[
            party
        ].tables[0]
        for party, table in ((GUEST, guest), (HOST, host))
    }

    done = run(
        "Intersection",
        under("data", read),
        behaviour=LATER,
        cardinality_only=False,
        sample_id_generator="guest",
        new_sample_id=False,
        join_method="inner_join",
        raw_params={"join_role": "guest"},
    )

    assert dict(done[GUEST].tables[0].records) == {"a": ["7", 0.5], "c": ["7", 0.2]}
    assert dict(done[HOST].tables[0].records) == {"a": ["7", 1.5], "c": ["7", 1.5]}
    counts = dict(done[GUEST].metrics["train"]["intersection"].data)
    assert counts["input_match_id_count"] == 2
    assert counts["intersect_sample_id_count"] == 2
    assert counts["unmatched_rate"] == 0.5


def test_what_a_party_is_not_told_counts_as_minus_one() -> None:
    tables = {
        GUEST: instances({"1": [0.5], "2": [0.1]}, ["x0"], [1, 0]),
        HOST: instances({"2": [0.1], "3": [0.3]}, ["x0"]),
    }

    done = run(
        "Intersection",
        under("data", tables),
        behaviour=LATER,
        cardinality_only=True,
        cardinality_method="dh",
        sync_cardinality=False,
        join_method="inner_join",
        raw_params={"join_role": "guest"},
    )

    assert done[GUEST].summary is not None
    assert done[GUEST].summary["intersect_num"] == 1
    assert done[HOST].summary is not None
    assert done[HOST].summary["intersect_rate"] == -1
    assert done[HOST].tables == []


def test_a_mean_that_nothing_is_known_of_is_nan() -> None:
    table = text({"1": "1,"}, "x0,x1")

    done = run(
        "DataTransform",
        {GUEST: {"data": table}},
        behaviour=LATER,
        missing_fill=True,
        missing_fill_method="mean",
    )[GUEST]

    assert math.isnan(column(done.tables[0], 1)[0])
    assert done.summary is not None
    assert done.summary["missing_fill_info"]["missing_value"][:5] == [
        "",
        "none",
        "null",
        "na",
        "None",
    ]


def test_batches_are_shuffled_by_the_seed_of_the_server() -> None:
    asked = {"max_iter": 1, "batch_size": 20, "init_param": {"init_method": "zeros"}}
    inputs = {**under("train_data", vertical()), ARBITER: {}}

    def weights(seed: int, *, shuffle: bool) -> dict[str, float]:
        done = run(
            "HeteroLR", inputs, behaviour=LATER, seed=seed, shuffle=shuffle, masked_rate=5, **asked
        )
        summary = done[GUEST].summary
        assert summary is not None
        coefficients: dict[str, float] = summary["coef"]
        return coefficients

    assert weights(1, shuffle=True) == weights(1, shuffle=True)
    assert weights(1, shuffle=True) != weights(2, shuffle=True)
    assert weights(1, shuffle=False) == weights(2, shuffle=False)


def test_samples_have_weights_that_show_behind_the_label_and_count_in_a_regression() -> None:
    read = run(
        "DataTransform",
        {GUEST: {"data": text({"1": "1,0.5", "2": "0,0.1", "3": "0,0.3"}, "y,x0")}},
        behaviour=LATER,
        with_label=True,
    )[GUEST].tables[0]

    done = run(
        "SampleWeight", {GUEST: {"data": read}}, behaviour=LATER, class_weight={"0": 1, "1": 2}
    )[GUEST]

    assert dict(done.tables[0].records) == {"1": [1, 2, 0.5], "2": [0, 1, 0.1], "3": [0, 1, 0.3]}
    assert done.model is not None
    assert done.model.param["classWeight"] == {"0": 1.0, "1": 2.0}
    host = instances({"1": [1.0], "2": [2.0], "3": [3.0]}, ["x0"])
    summary = run(
        "HeteroLR",
        {GUEST: {"train_data": done.tables[0]}, HOST: {"train_data": host}, ARBITER: {}},
        behaviour=LATER,
        max_iter=1,
        optimizer="sgd",
        learning_rate=1.0,
        penalty=None,
        init_param={"init_method": "zeros", "fit_intercept": False},
        decay=0,
    )[GUEST].summary
    assert summary is not None
    # Errors of -1/2 for a 1 and 1/2 for a 0, times 3/4 of the weights, over three samples.
    assert summary["coef"]["x0"] == pytest.approx((0.75 * 0.5 - 0.375 * 0.1 - 0.375 * 0.3) / 3)


def test_an_arbiter_of_an_encoding_that_rests_has_no_model() -> None:
    table = instances({"1": [1.0]}, ["x0"])
    inputs: dict[Any, Any] = {GUEST: {"data": table}, HOST: {"data": table}, ARBITER: {}}

    results = run("HomoOneHotEncoder", inputs, behaviour=LATER, need_run=False)

    assert results[ARBITER].model is None
    assert results[HOST].model is not None
    assert results[HOST].model.meta["needRun"] is False


def test_whoever_weighs_nothing_saves_that() -> None:
    table = instances({"1": [0.5]}, ["x0"])

    resting = run(
        "SampleWeight",
        {HOST: {"data": table}},
        behaviour=LATER,
        need_run=False,
        normalize=True,
        class_weight={"0": 1, "1": 2},
    )[HOST]

    assert resting.tables == [table]
    assert resting.model is not None
    assert resting.model.param == {"header": [], "weightMode": "", "classWeight": {}}
    assert resting.model.meta == {"sampleWeightName": "", "normalize": True, "needRun": False}
