"""Boosted trees: the component alone, beside the `fit` of scikit-learn's histogram boosting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.measuring import Figure, alternate, seconds
from flowkit_mockserver.columns.ids import as_ids
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.kinds.ensemble.hetero_secureboost import KIND
from flowkit_mockserver.party import Party

__all__ = ["measure"]

ROWS, COLUMNS, TREES, DEPTH, BINS = 100_000, 40, 10, 3, 32
ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Measure against scikit-learn, then how the time grows with the rows."""
    features, labels = _samples(ROWS)
    run = _run(features, labels)
    other = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=DEPTH,
        max_leaf_nodes=2**DEPTH,
        max_bins=BINS,
        learning_rate=0.3,
        early_stopping=False,
    )
    ratio, ours, theirs = alternate(
        lambda: seconds(lambda: run_component(run)),
        lambda: seconds(lambda: other.fit(features, labels)),
        ROUNDS,
    )
    yield Figure(
        f"SecureBoost, {ROWS:,} x {COLUMNS}, {TREES} trees of depth {DEPTH}, {BINS} bins,"
        " beside scikit-learn's fit",
        ratio,
        "x",
        6,
        True,
        f"{ours:.2f} s beside {theirs:.2f} s",
    )
    few = _run(*_samples(ROWS // 10))
    ratio, many_rows, few_rows = alternate(
        lambda: seconds(lambda: run_component(run)),
        lambda: seconds(lambda: run_component(few)),
        ROUNDS,
    )
    yield Figure(
        "ten times as many rows",
        ratio,
        "x",
        12,
        True,
        f"{many_rows:.2f} s beside {few_rows:.2f} s",
    )


def _samples(rows: int) -> tuple[Any, Any]:
    chance = np.random.RandomState(0)
    features = chance.randn(rows, COLUMNS)
    scores = features[:, :5].sum(axis=1) + features[:, -5:].sum(axis=1) + chance.randn(rows)
    return features, (scores > 0).astype(np.int64)


def _run(features: Any, labels: Any) -> ComponentRun:
    ids = as_ids(map(str, range(10**6, 10**6 + len(labels))))
    half = COLUMNS // 2
    asked = {
        **KIND.defaults,
        "num_trees": TREES,
        "bin_num": BINS,
        "n_iter_no_change": False,
        "tree_param": {**KIND.defaults["tree_param"], "max_depth": DEPTH},
    }
    tables = {
        Party("guest", "9999"): Instances(
            ids, features[:, :half], labels, header=[f"x{i}" for i in range(half)]
        ),
        Party("host", "10000"): Instances(
            ids, features[:, half:], header=[f"x{i}" for i in range(half)]
        ),
    }
    return ComponentRun(
        job_id="job",
        component="hetero_secure_boost_0",
        module=KIND.name,
        job_type="train",
        seed=1,
        parties=list(tables),
        parameters={party: {KIND.param_class: asked} for party in tables},
        inputs={
            party: {"train_data": [("intersection_0", data.table())]}
            for party, data in tables.items()
        },
    )
