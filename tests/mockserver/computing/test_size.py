"""How large a run is."""

from __future__ import annotations

import pytest

from flowkit_mockserver.computing import size
from flowkit_mockserver.computing.size import input_tables, is_large
from portable_runs import ROWS, run_on


@pytest.mark.parametrize(("cells", "large"), [(6, True), (7, False)])
def test_a_run_is_as_large_as_the_cells_of_its_inputs(
    monkeypatch: pytest.MonkeyPatch, cells: int, large: bool
) -> None:
    monkeypatch.setattr(size, "CELLS", cells)

    assert is_large(run_on(ROWS)) is large


def test_a_run_that_is_given_nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "CELLS", 1)

    run = run_on([])
    assert [list(table.records) for table in input_tables(run)] == [[]]
    assert not is_large(run)
