"""The model and the summary of a component as blocks of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit import results
from flowkit_mockserver.board.figures.blocks import (
    Bars,
    Block,
    Grid,
    Table,
    Trees,
    stability_bars,
)

__all__ = ["model_blocks", "summary_blocks"]

Answer = Mapping[str, Any]
#: So many bins show at once; those of further features are folded.
MOST_OPEN = 4


def model_blocks(answer: Answer) -> list[Block]:
    """Return the blocks of an answer of ``component.output_model``; none for a model without a form of its own.

    Raises:
        ArgumentError: the answer has another form.
    """
    return [
        *_weights(answer),
        *_importance(answer),
        *_bins(answer),
        *_correlations(answer),
        *(stability_bars(found) for found in results.read_feature_stability(answer)),
        *_trees(answer),
    ]


def summary_blocks(answer: Answer) -> list[Block]:
    """Return the blocks of an answer of ``component.get_summary``.

    Raises:
        ArgumentError: the answer has another form.
    """
    found = results.read_scorecard(answer)
    if found is None:
        return []
    rows = [["offset", found.offset], ["factor", found.factor], ["base", found.base]]
    scores = [[f"score at {p:.0%}", found.score(p)] for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
    return [Table("Formula of the scores", ["", "value"], [*rows, *scores], note=found.formula)]


def _weights(answer: Answer) -> Iterator[Block]:
    for part in results.read_coefficients(answer):
        rows: list[list[Any]] = [[name, value] for name, value in part.weights.items()]
        rows.sort(key=lambda row: -abs(row[1]))
        title = f"Coefficients of class {part.label}" if part.label else "Coefficients"
        yield Bars(title, ["feature", "weight"], rows, note=f"intercept {part.intercept:.6g}")


def _importance(answer: Answer) -> Iterator[Block]:
    found = results.read_importance(answer)
    if found:
        measure = found[0].measure or "importance"
        other = {"split": "gain", "gain": "split"}.get(measure, "other")
        rows = [[one.feature, one.importance, one.other, one.party] for one in found]
        yield Bars("Feature importance", ["feature", measure, other, "party"], rows)


def _bins(answer: Answer) -> Iterator[Block]:
    found = results.read_binning(answer)
    if found:
        rows = [
            [one.feature, one.iv, "yes" if one.monotonic else "no", one.party or "own"]
            for one in sorted(found, key=lambda one: -one.iv)
        ]
        columns = ["feature", "information value", "WOE monotonic", "party"]
        yield Bars("Information value", columns, rows)
    for place, one in enumerate(found):
        bins = [[b.interval or b.name, b.woe, b.events, b.others, b.iv] for b in one.bins]
        whose = f", {one.party}" if one.party else ""
        yield Bars(
            f"Bins of {one.feature}{whose}",
            ["bin", "WOE", "events", "others", "IV"],
            bins,
            note=f"IV {one.iv:.6g}",
            open=place < MOST_OPEN,
        )


def _correlations(answer: Answer) -> Iterator[Block]:
    found = results.read_correlations(answer)
    if found is None:
        return
    for title, matrix in (("Correlation", found.local), ("Between the parties", found.across)):
        if matrix is not None and matrix.rows:
            parties = dict.fromkeys(one for one in (matrix.row_party, matrix.column_party) if one)
            yield Grid(title, matrix.rows, matrix.columns, matrix.values, note=", ".join(parties))
    if found.inflation:
        rows = [[name, value] for name, value in found.inflation.items()]
        yield Bars("Variance inflation", ["feature", "factor"], rows)


def _trees(answer: Answer) -> Iterator[Block]:
    trees = results.read_trees(answer)
    if trees:
        unknown = sum(not tree.nodes for tree in trees)
        note = f"{unknown} of {len(trees)} are kept by another party" if unknown else ""
        yield Trees("Trees", trees, note)
