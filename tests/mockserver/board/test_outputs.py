"""The output tables of a component, page by page."""

from __future__ import annotations

from boarding import Board
from flowkit_mockserver.board.outputs import MOST_ROWS, ROWS_A_PAGE, Rows, read_rows
from flowkit_mockserver.board.reading import Job, PartyKey, read_job

GUEST = PartyKey("guest", "9999")


def job_of(board: Board) -> Job:
    """Return the demo's training."""
    found = read_job(board.flow, board.trained.job_id)
    assert found is not None
    return found


def page(board: Board, name: str, first: int) -> Rows:
    """Return a page of a component's only output."""
    (found,) = read_rows(board.flow, job_of(board), GUEST, name, first)
    return found


def test_the_first_rows_come_as_the_server_shows_them(board: Board) -> None:
    rows = page(board, "hetero_lr_0", 1)

    assert rows.header[:2] == ["id", "label"]
    assert (len(rows.rows), rows.total, rows.last) == (ROWS_A_PAGE, 201, 201)
    assert rows.rows[0][0] == "c0001"


def test_further_rows_are_the_same_as_a_download_has_them(board: Board) -> None:
    before, across, last = (page(board, "hetero_lr_0", first) for first in (76, 90, 201))

    assert across.rows[:3] == before.rows[14:17]
    assert len(across.rows) == ROWS_A_PAGE
    assert [row[0] for row in last.rows] == ["c0239"]
    assert set(last.rows[0][4]) == {"0", "1"}


def test_a_page_beyond_the_end_is_empty(board: Board) -> None:
    assert page(board, "intersection_0", 500).rows == []
    assert page(board, "intersection_0", 10**9).first == MOST_ROWS


def test_a_component_without_output_has_no_pages(board: Board) -> None:
    assert read_rows(board.flow, job_of(board), GUEST, "evaluation_0", 1) == []
