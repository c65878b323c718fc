"""Models and summaries as blocks of a page."""

from __future__ import annotations

from boarding import Board
from flowkit_mockserver.board.figures.blocks import Bars, Grid, Trees
from flowkit_mockserver.board.figures.models import model_blocks, summary_blocks


def test_coefficients_are_bars_the_weightiest_first(board: Board) -> None:
    answer = board.flow.component.output_model(board.trained.job_id, "guest", 9999, "hetero_lr_0")

    (bars,) = model_blocks(answer)

    assert isinstance(bars, Bars)
    assert [name for name, _ in bars.rows] == ["debt_ratio", "income", "age", "tenure"]
    assert bars.note.startswith("intercept -0.09")


def test_a_boosted_model_has_importances_and_trees() -> None:
    tree = {
        "tree": [
            {"id": 0, "sitename": "guest:9999", "fid": "0", "bid": "0", "leftNodeid": 1, "rightNodeid": 2},
            {"id": 1, "sitename": "guest:9999", "isLeaf": True, "weight": 0.5},
            {"id": 2, "sitename": "guest:9999", "isLeaf": True, "weight": -0.5},
        ],
        "splitMaskdict": {"0": 0.25},
        "missingDirMaskdict": {"0": 1},
    }  # fmt: skip
    importance = {"sitename": "guest:9999", "fid": 0, "fullname": "x0", "main": "split",
                  "importance": 1, "importance2": 0.5}  # fmt: skip

    bars, trees = model_blocks(
        {"trees": [tree], "featureImportances": [importance], "featureNameFidMapping": {"0": "x0"}}
    )

    assert isinstance(bars, Bars)
    assert bars.columns == ["feature", "split", "gain", "party"]
    assert bars.rows == [["x0", 1.0, 0.5, "guest/9999"]]
    assert isinstance(trees, Trees)
    assert trees.trees[0].nodes[0].rule == "x0 <= 0.25"


def test_correlations_are_a_grid() -> None:
    answer = {"corr": [1, 0.5, 0.5, 1], "names": ["a", "b"], "party": "(guest,9999)", "shape": 2,
              "shapes": [2], "parties": ["(guest,9999)"]}  # fmt: skip

    grids = [
        block
        for block in model_blocks({"localCorr": answer["corr"], **answer})
        if isinstance(block, Grid)
    ]

    assert [(grid.rows, grid.values) for grid in grids] == [(("a", "b"), ((1, 0.5), (0.5, 1)))]


def test_a_scorecard_shows_its_formula_and_scores() -> None:
    formula = "Score = 500 + 20 / ln(2) * ln(Odds)"

    (table,) = summary_blocks({"scorecard_compute_formula": formula})

    assert table.note == formula
    assert ["score at 50%", 500.0] in table.rows
    assert summary_blocks({"other": 1}) == []
