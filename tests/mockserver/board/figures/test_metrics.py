"""Metrics of every type as blocks of a page."""

from __future__ import annotations

from typing import Any

from boarding import Board
from flowkit_mockserver.board.figures.blocks import Chart, Document, Grid, Table
from flowkit_mockserver.board.figures.metrics import metric_blocks


def blocks_of(board: Board, role: str, party_id: int, name: str) -> dict[str, Any]:
    """Return the blocks of a component of the demo by their titles."""
    job_id = board.trained.job_id
    answer = board.flow.component.metric_all(job_id, role, party_id, name).data
    return {block.title: block for block in metric_blocks(answer)}


def test_an_evaluation_has_its_scores_and_a_chart_for_each_curve(board: Board) -> None:
    blocks = blocks_of(board, "guest", 9999, "evaluation_0")

    assert list(blocks) == [
        "Scores",
        "ROC of hetero_lr_0 (train)",
        "KS of hetero_lr_0 (train)",
        "Precision and recall of hetero_lr_0 (train)",
        "Lift of hetero_lr_0 (train)",
        "Gain of hetero_lr_0 (train)",
        "Accuracy of hetero_lr_0 (train)",
        "Confusion matrix of hetero_lr_0 (train)",
        "Confusion by threshold of hetero_lr_0 (train)",
        "hetero_lr_0_f1_score (train)",
        "hetero_lr_0_quantile_pr (train)",
    ]
    scores, roc = blocks["Scores"], blocks["ROC of hetero_lr_0 (train)"]
    assert scores.rows == [["auc", 0.869643], ["ks", 0.570238]]
    assert isinstance(roc, Chart)
    assert roc.note == "AUC 0.869643"
    assert roc.diagonal
    assert roc.rows[0] == [0, 0]
    assert roc.rows[-1] == [1, 1]


def test_ks_has_two_lines_and_says_where_they_are_furthest_apart(board: Board) -> None:
    ks = blocks_of(board, "guest", 9999, "evaluation_0")["KS of hetero_lr_0 (train)"]

    assert ks.columns == ["share of samples", "true positive rate", "false positive rate"]
    assert ks.y_label == ""
    assert ks.note.startswith("KS 0.570238, at 0.5")


def test_the_confusion_matrix_counts_every_sample(board: Board) -> None:
    matrix = blocks_of(board, "guest", 9999, "evaluation_0")[
        "Confusion matrix of hetero_lr_0 (train)"
    ]

    assert isinstance(matrix, Grid)
    assert sum(map(sum, matrix.values)) == 201


def test_the_loss_is_where_the_arbiter_is(board: Board) -> None:
    loss = blocks_of(board, "arbiter", 10000, "hetero_lr_0")["Loss (train)"]

    assert loss.steps
    assert loss.columns == ["iteration", "loss"]
    assert loss.rows[0] == [0, 0.6931471805599453]


def test_metrics_of_no_known_type_are_shown_as_they_are() -> None:
    answer = {
        "train": {
            "pairs": {"data": [["a", 1]], "meta": {"metric_type": "NEW"}},
            "columns": {"data": [], "meta": {"metric_type": "NEW", "y": [1, 2], "thresholds": [3, 4]}},
            "odd": {"data": [], "meta": {"metric_type": "NEW", "y": [1, 2], "kind": "x"}},
            "empty": {"data": [], "meta": {"metric_type": "NEW"}},
        }
    }  # fmt: skip

    pairs, columns, odd = metric_blocks(answer)

    assert isinstance(pairs, Table)
    assert pairs.rows == [["a", 1]]
    assert isinstance(columns, Table)
    assert (columns.columns, columns.rows) == (["thresholds", "y"], [[3, 1], [4, 2]])
    assert isinstance(odd, Document)
    assert odd.value == {"y": [1, 2], "kind": "x"}
