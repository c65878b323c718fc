"""Two jobs side by side."""

from __future__ import annotations

from boarding import Board, text_of
from flowkit_mockserver.board.compare import differences, flatten


def test_scores_losses_and_statuses_stand_side_by_side(board: Board) -> None:
    html = board.get("compare", job_id=[board.trained.job_id, board.failed.job_id])
    text = text_of(html)

    assert "Status success failed" in text
    assert "auc hetero_lr_0 (train) 0.869643" in text
    assert "Loss of hetero_lr_0 (train)" in text
    assert "Parameters and DSL are equal." in text


def test_less_than_two_jobs_leave_a_form(board: Board) -> None:
    one = text_of(board.get("compare", job_id=[board.trained.job_id]))
    unknown = board.get("compare", job_id=[board.trained.job_id, "202001010000000000000"])

    assert "Scores" not in one
    assert "there is no job 202001010000000000000" in text_of(unknown)


def test_of_more_than_two_the_first_are_compared(board: Board) -> None:
    ids = [board.trained.job_id, board.failed.job_id, "202001010000000000000"]

    assert "the first two of 3 are compared" in board.get("compare", job_id=ids)


def test_only_what_differs_is_listed_and_what_is_missing_is_none() -> None:
    left = dict(flatten({"lr": {"alpha": 0.1, "tol": 1, "cv": {}}}))
    right = dict(flatten({"lr": {"alpha": 0.2, "tol": 1}, "scale": {"method": "min"}}))

    assert differences(left, right) == [
        ("lr / alpha", 0.1, 0.2),
        ("lr / cv", {}, None),
        ("scale / method", None, "min"),
    ]
