from __future__ import annotations

import numpy as np
import pytest

from flowkit_mockserver.components.ensemble.splitter import (
    Criterion,
    Limits,
    first_best,
    host_candidates,
    plain_candidates,
    shuffle_seed,
)

LIMITS = Limits(gain=0.001, node_samples=2, leaf_samples=1, leaf_hessian=0)


def test_worth_and_weight_are_cut_off_after_ten_decimals() -> None:
    criterion = Criterion(ridge=0.1, lasso=0.0)

    one, curvature = np.array([1.0]), np.array([2.9])
    assert criterion.worth(one, curvature) == 0.3333333333
    assert criterion.weight(one, curvature).tolist() == [-0.3333333334]
    parent, left, right = (
        (np.array([g]), np.array([h])) for g, h in ((0.0, 4.0), (1.0, 2.0), (-1.0, 2.0))
    )
    assert criterion.gain(parent, left, right) == pytest.approx(2 / 2.1, abs=2e-10)


def test_classes_of_one_tree_add_up_what_they_are_worth() -> None:
    criterion = Criterion(ridge=0.1, lasso=0.0)
    g, h = np.array([1.0, -1.0, 0.5]), np.array([2.9, 0.9, 0.4])

    assert criterion.worth(g, h) == pytest.approx(1 / 3 + 1.0 + 0.5, abs=2e-10)
    assert criterion.weight(g, h).tolist() == pytest.approx([-1 / 3, 1.0, -1.0], abs=2e-10)


def test_alpha_moves_gradients_towards_nothing() -> None:
    criterion = Criterion(ridge=0.0, lasso=0.5)

    one = np.array([1.0])
    worths = [criterion.worth(np.array([g]), one).item() for g in (2.0, -2.0, 0.4)]
    assert worths == [2.25, 2.25, 0.0]
    assert criterion.weight(np.array([2.0]), one).tolist() == [-1.5]


def test_a_leaf_without_curvature_has_no_weight() -> None:
    with pytest.raises(ValueError, match="choose a lambda above 0"):
        Criterion(ridge=0.0, lasso=0.0).weight(np.array([1.0]), np.array([0.0]))


@pytest.mark.parametrize(
    ("gains", "winner"),
    [
        ([0.1, 0.3, 0.2], 1),
        ([0.3, 0.3 + 9e-9, 0.2], 0),
        ([0.3, 0.3 + 9e-9, 0.3 + 1.1e-8], 2),
        ([0.001, 0.0005], -1),
        ([float("-inf"), 0.0011], 1),
        ([], -1),
    ],
)
def test_the_first_that_gains_clearly_more_leads(gains: list[float], winner: int) -> None:
    assert first_best(np.array(gains), LIMITS) == winner


def test_seeds_are_the_hashes_of_pairs_in_python_3_6() -> None:
    assert shuffle_seed(0, 0) == 3713080549408328131 % (2**61 - 1)
    assert shuffle_seed(1, 2) == 3713081631934410656 % (2**61 - 1)


def test_candidates_come_by_partition_shuffled_and_in_batches() -> None:
    valid = np.ones((6, 4, 1), dtype=bool)
    valid[2] = False

    batches = host_candidates(valid, [1, 2], 0, partitions=3, batch_size=5, seed=shuffle_seed(1, 0))

    assert all(len(batch) <= 5 for batch in batches)
    assert sorted(np.concatenate(batches).tolist()) == np.flatnonzero(valid).tolist()
    again = host_candidates(valid, [1, 2], 0, partitions=3, batch_size=5, seed=shuffle_seed(1, 0))
    assert [batch.tolist() for batch in batches] == [batch.tolist() for batch in again]
    assert any((np.diff(batch) < 0).any() for batch in batches)


def test_the_older_protocol_shuffles_nothing() -> None:
    valid = np.ones((2, 3, 2), dtype=bool)
    valid[0, 1] = False

    assert [batch.tolist() for batch in plain_candidates(valid)] == [
        [0, 1, 4, 5, 6, 7, 8, 9, 10, 11]
    ]
