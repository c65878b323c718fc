import numpy as np
import pytest

from flowkit.servers import line_of
from flowkit_mockserver.components.core.quantile_summaries import QuantileSummary
from flowkit_mockserver.components.feature.binning.homo_feature_binning import recursive_points
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour, behaviour_of

LATER = Behaviour(narrows_intervals=True)


def summary(column: list[float]) -> QuantileSummary:
    [found] = QuantileSummary.of([np.array(column)], [np.arange(len(column))], 0.01)
    return found


@pytest.mark.parametrize(
    ("behaviour", "bounds"),
    [(FIRST_BEHAVIOUR, [0.5000000011641532, 3.0]), (LATER, [0.5000000183132257, 3.0])],
)
def test_bounds_that_find_no_rank_stop_near_the_value(
    behaviour: Behaviour, bounds: list[float]
) -> None:
    """As FATE's own halving finds them, for 1.8 and later with the last step added."""
    columns = [[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 1.0, 3.0]]

    found = recursive_points(
        [summary(column) for column in columns], 8, 0.5, 3.0, 2, 0.01, behaviour=behaviour
    )

    assert found == bounds


def test_a_rank_counts_what_equals_the_bound_on_later_lines() -> None:
    values = np.array([1.0, 2.0, 3.0])

    assert summary([1, 2, 2, 3]).ranks(values).tolist() == [0, 1, 3]
    assert summary([1, 2, 2, 3]).ranks(values, with_equals=True).tolist() == [1, 3, 4]


def test_it_began_with_1_8() -> None:
    assert not behaviour_of(line_of("1.7")).narrows_intervals
    assert behaviour_of(line_of("1.8")).narrows_intervals
