from __future__ import annotations

import numpy as np
import pytest

from flowkit_mockserver.components.ensemble.boosting import (
    chosen_features,
    goss_sample,
    party_chances,
)


def test_every_party_draws_from_the_same_seed_for_itself() -> None:
    first, second = party_chances({"random_seed": 7}, 2)

    assert first.permutation(10).tolist() == second.permutation(10).tolist()
    assert party_chances({"random_seed": None}, 1)[0].rand() == np.random.RandomState(100).rand()


def test_a_tree_may_use_a_share_of_the_columns_one_at_least() -> None:
    chance = np.random.RandomState(7)
    drawn = np.random.RandomState(7).choice(range(10), 3, replace=False)

    assert np.flatnonzero(chosen_features(10, 0.39, chance)).tolist() == sorted(drawn.tolist())
    assert chosen_features(5, 0.0, chance).sum() == 1


def test_small_gradients_stand_for_those_that_are_left_out() -> None:
    gradients = np.array([[0.1, -0.9, 0.2, 0.8, -0.1, 0.3, 0.05, 0.2, -0.2, 0.1]]).T
    hessians = np.ones((10, 1))

    sample = goss_sample(gradients, hessians, 0.2, 0.3, np.random.RandomState(0))

    assert len(sample) == 5
    assert {1, 3} <= set(sample.tolist())
    assert gradients[[1, 3], 0].tolist() == [-0.9, 0.8]
    small = sorted(set(sample.tolist()) - {1, 3})
    assert hessians[small, 0].tolist() == pytest.approx([0.8 / 0.3] * 3)


def test_a_sample_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="top sample 0, other sample 1"):
        goss_sample(np.ones((4, 1)), np.ones((4, 1)), 0.1, 0.3, np.random.RandomState(0))
