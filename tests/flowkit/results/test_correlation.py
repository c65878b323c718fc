"""Correlations within a party and between two."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError
from flowkit.results import read_correlations
from recorded_results import answer


def test_what_the_guest_knows() -> None:
    found = read_correlations(answer("1.6", "pearson"))
    assert found is not None
    assert found.across is not None
    assert (len(found.local.values), len(found.local.values[0])) == (10, 10)
    assert found.local.values[0][:2] == (1.0, 0.35992074003357793)
    assert (found.across.rows[0], found.across.columns[0]) == ("x0", "host_9999_0")
    assert (len(found.across.values), len(found.across.values[0])) == (10, 20)
    assert found.across.values[0][0] == 0.9694629173989456
    assert found.inflation["x0"] == 137.24021115616318


def test_the_host_sees_the_same_from_its_side() -> None:
    found = read_correlations(answer("1.11", "pearson"))
    assert found is not None
    assert found.across is not None
    assert (found.across.rows[0], found.across.columns[0]) == ("guest_10000_x0", "x0")
    assert (found.across.row_party, found.across.column_party) == ("(guest,10000)", "(host,9999)")
    assert found.across.values[0][0] == 0.9695390590674429


def test_a_matrix_that_does_not_fit_its_features_is_refused() -> None:
    with pytest.raises(ArgumentError, match="3 correlations are not those of 2 by 2 features"):
        read_correlations({"localCorr": [1, 0.5, 1], "names": ["a", "b"]})
