"""HomoLR beside what a real FATE 1.6.1 computed: FATE's own breast data, three iterations of rmsprop."""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from component_bench import ARBITER, GUEST, HOST, Results, column, horizontal, predict, run, under
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, Model, TableData

RECORDED: dict[str, Any] = json.loads(
    gzip.decompress((Path(__file__).parent / "data" / "homo_lr.json.gz").read_bytes())
)
HEADER = [f"x{i}" for i in range(30)]
PARTIES = {"guest": GUEST, "host": HOST}


def table(role: str) -> TableData:
    lines = [line.split(",") for line in RECORDED["rows"][role]]
    return Instances.from_rows(
        [line[0] for line in lines],
        [[float(cell) for cell in line[2:]] for line in lines],
        [int(line[1]) for line in lines],
        None,
        HEADER,
    ).table()


def scaled() -> dict[Any, dict[str, TableData]]:
    inputs = {party: {"data": table(role)} for role, party in PARTIES.items()}
    results = run("FeatureScale", inputs)
    return {party: {"train_data": results[party].tables[0]} for party in PARTIES.values()}


@pytest.fixture(scope="module")
def trained() -> Results:
    inputs = {**scaled(), ARBITER: {}}
    return run("HomoLR", inputs, **RECORDED["asked"])


def model_of(results: Results, party: Any) -> Model:
    model = results[party].model
    assert model is not None
    return model


def test_the_losses_are_those_of_the_real_server(trained: Results) -> None:
    for role, party in {**PARTIES, "arbiter": ARBITER}.items():
        losses = [loss for _, loss in trained[party].metrics["train"]["loss"].data]
        assert losses == pytest.approx(RECORDED["losses"][role], rel=1e-9)


def test_the_models_are_those_of_the_real_server(trained: Results) -> None:
    for role, party in {**PARTIES, "arbiter": ARBITER}.items():
        param, real = model_of(trained, party).param, RECORDED["model"][role]
        assert param["weight"] == pytest.approx(real["weight"], rel=1e-9)
        assert param["intercept"] == pytest.approx(real["intercept"], rel=1e-9)
        for name in ("header", "iters", "isConverged", "bestIteration"):
            assert param[name] == real[name]


def test_the_predictions_are_those_of_the_real_server(trained: Results) -> None:
    for role, party in PARTIES.items():
        for (key, row), line in zip(
            trained[party].tables[0].records, RECORDED["predictions"][role], strict=False
        ):
            start, _, rest = line.partition("{")
            detail, _, kind = rest.partition("}")
            sid, label, result, score = start.rstrip(",").split(",")
            assert (key, row[0], row[1]) == (sid, int(label), int(result))
            assert row[2] == pytest.approx(float(score), rel=1e-6)
            # A host writes the detail the other way round.
            assert list(row[3]) == list(ast.literal_eval("{" + detail + "}"))
            assert row[4] == kind.lstrip(",")


def test_the_guest_looks_at_every_round(trained: Results) -> None:
    found = trained[GUEST].metrics["train"]["iteration_2"]
    assert found.data == [
        [name, pytest.approx(value, abs=1e-6)] for name, value in RECORDED["iteration_2"]["data"]
    ]


def test_its_evaluation_is_that_of_the_real_server(trained: Results) -> None:
    said = {GUEST: {"data": [("homo_lr_0", trained[GUEST].tables[0])]}}

    found = run("Evaluation", said, eval_type="binary")[GUEST].metrics["train"]

    assert found.keys() == RECORDED["evaluation"].keys()
    for name, real in RECORDED["evaluation"].items():
        same(found[name].data, real["data"])
        same({**found[name].meta}, real["meta"])


def same(ours: Any, real: Any) -> None:
    """Compare what is nested in lists and maps, numbers to the sixth digit."""
    if isinstance(real, Mapping):
        assert ours.keys() == real.keys()
        for key, value in real.items():
            same(ours[key], value)
    elif isinstance(real, list):
        assert len(ours) == len(real)
        for one, other in zip(ours, real, strict=True):
            same(one, other)
    elif isinstance(real, float):
        assert ours == pytest.approx(real, rel=1e-5, abs=2e-6)
    else:
        assert ours == real


def test_a_model_of_the_real_server_predicts() -> None:
    """Its buffers are all there is: no field of our own."""
    meta = {"fitIntercept": True, "needOneVsRest": False}
    models = {
        party: Model("HomoLR", "m", meta, "p", RECORDED["model"][role], "x", "y")
        for role, party in {**PARTIES, "arbiter": ARBITER}.items()
    }
    inputs = {party: {"test_data": found["train_data"]} for party, found in scaled().items()}

    results = run("HomoLR", {**inputs, ARBITER: {}}, models=models, job_type="predict")

    scores = column(results[GUEST].tables[0], 2)[:3]
    recorded = [float(line.split(",")[3]) for line in RECORDED["predictions"]["guest"][:3]]
    assert scores == pytest.approx(recorded, rel=1e-9)


def learn(**changes: Any) -> Results:
    tables = under("train_data", horizontal(60))
    return run("HomoLR", {**tables, ARBITER: {}}, max_iter=3, **changes)


def test_late_labels_count() -> None:
    tables = horizontal(60)
    flipped = {}
    for party, data in tables.items():
        found = Instances.of(data)
        assert found.labels is not None
        labels = found.labels.copy()
        labels[-6:] = 1 - labels[-6:]
        flipped[party] = Instances(
            found.ids, found.features, labels, header=found.header, forms=found.forms
        ).table()
    one = learn()
    two = run("HomoLR", {**under("train_data", flipped), ARBITER: {}}, max_iter=3)

    ours, theirs = (list(model_of(r, GUEST).param["weight"].values()) for r in (one, two))
    assert not np.allclose(ours, theirs, rtol=1e-4)


def test_parties_with_different_numbers_of_features_are_refused() -> None:
    tables = horizontal(60)
    narrow = Instances.of(tables[HOST]).select([0]).table()

    for fewer, text in (
        (HOST, "index 2 is out of bounds for axis 0 with size 2"),
        (GUEST, "not aligned: "),
    ):
        given = under("train_data", {**tables, fewer: narrow})
        with pytest.raises(ComponentFailed, match=text):
            run("HomoLR", {**given, ARBITER: {}}, max_iter=3)


def test_weights_cannot_be_aggregated_every_zero_iterations() -> None:
    with pytest.raises(ComponentFailed, match="integer division or modulo by zero"):
        learn(aggregate_iters=0)


def test_a_host_with_a_cipher_never_sees_weights_or_scores() -> None:
    secret = {"encrypt_param": {"method": "Paillier"}, "optimizer": "sgd"}
    tables = under("train_data", horizontal(60))

    trained = run(
        "HomoLR", {**tables, ARBITER: {}}, max_iter=3, optimizer="sgd", by_party={HOST: secret}
    )

    assert model_of(trained, HOST).param["weight"] == {}
    assert trained[HOST].summary == {
        "coef": {},
        "intercept": None,
        "is_converged": False,
        "best_iteration": -1,
    }
    assert set(column(trained[HOST].tables[0], 2)) == {None}
    assert "loss" not in trained[HOST].metrics.get("train", {})
    # Later the arbiter, who knows the weights, tells the results.
    later = predict(
        "HomoLR",
        trained,
        {**under("test_data", horizontal(60)), ARBITER: {}},
        by_party={HOST: secret},
    )
    assert column(later[HOST].tables[0], 1) == column(trained[HOST].tables[0], 1)


def test_weights_are_averaged_now_and_then_and_watched_in_between() -> None:
    results = learn(aggregate_iters=2, validation_freqs=1)

    losses = results[ARBITER].metrics["train"]["loss"].data
    assert len(losses) == 2
    assert {"iteration_0", "iteration_2"} <= set(results[GUEST].metrics["train"])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"early_stopping_rounds": 1, "validation_freqs": 1},
            "early stopping is not supported for homo algorithms",
        ),
        ({"stepwise_param": {"need_stepwise": True}}, "stepwise currently only support Hetero"),
        ({"learning_rate": 1e12, "optimizer": "sgd"}, "The model weights are overflow"),
    ],
)
def test_what_the_real_server_refuses_is_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ComponentFailed, match=text):
        learn(**changes)


def test_an_l1_penalty_leaves_a_host_no_weight_for_ever() -> None:
    """A host's iterations stay 0 on the real server, where the shrinkage is infinite."""
    results = learn(penalty="L1", alpha=0.01)

    guest = model_of(results, GUEST).param
    assert any(guest["weight"].values())


def test_the_proximal_term_only_pulls_with_sgd() -> None:
    plain, pulled = (
        list(model_of(learn(optimizer=o, use_proximal=p, mu=0.5), GUEST).param["weight"].values())
        for o, p in (("rmsprop", False), ("rmsprop", True))
    )
    assert plain == pulled
    plain, pulled = (
        list(
            model_of(learn(optimizer="sgd", use_proximal=p, mu=0.5), GUEST).param["weight"].values()
        )
        for p in (False, True)
    )
    assert plain != pulled


def test_only_the_guest_evaluates_folds() -> None:
    results = learn(cv_param={"need_cv": True, "n_splits": 2})

    assert "train_fold_0" in results[GUEST].metrics["train"]
    assert "train_fold_0" not in results[HOST].metrics.get("train", {})
    assert results[HOST].tables[0].schema == {}
    assert len(next(iter(results[HOST].tables[0].records))[1]) == 4
    assert len(next(iter(results[GUEST].tables[0].records))[1]) == 5


def test_cross_validation_takes_training_data_alone() -> None:
    tables = horizontal(60)
    both = {party: {"train_data": t, "validate_data": t} for party, t in tables.items()}

    with pytest.raises(ComponentFailed, match="Train_data should be set only in cross-validate"):
        run("HomoLR", {**both, ARBITER: {}}, cv_param={"need_cv": True, "n_splits": 2})


def test_a_fold_history_can_hold_the_samples_themselves() -> None:
    results = learn(cv_param={"need_cv": True, "n_splits": 2, "history_value_type": "instance"})

    kept = Instances.of(results[GUEST].tables[0])
    assert len(kept) == 2 * len(horizontal(60)[GUEST].records)
    assert str(kept.ids[0]).endswith(("#fold0#train", "#fold1#train", "#validate"))
