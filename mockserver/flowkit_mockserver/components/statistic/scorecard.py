"""Scorecard: probabilities as credit scores.

With p the probability, between the lower limit and ``upper_limit_ratio`` times the offset, to two decimals:

    score = offset + factor / ln(factor_base) · ln((1 - p) / p)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.parts import Values
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.predict_output import stored_predictions
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.party import Party

__all__ = ["score"]

_DIGITS = 2
_ZERO = 1e-8
_HEADER = ["label", "predict_result", "predict_score", "credit_score"]


def _credits(chances: NDArray[np.float64], asked: Mapping[str, Any]) -> NDArray[Any]:
    """Return the scores of probabilities, shape (n,); a limit shows as the user gave it, integers as integers."""
    highest = asked["upper_limit_ratio"] * asked["offset"]
    lowest = asked["lower_limit_value"]
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (1 - chances) / chances
        found = asked["offset"] + asked["factor"] / np.log(asked["factor_base"]) * np.log(odds)
    found = np.where((chances < 0) | (chances > 1), -1.0, found)
    found[(chances >= 0) & (chances <= _ZERO)] = np.inf
    found[np.abs(chances - 1) <= _ZERO] = -np.inf
    above = found > highest
    found = np.where(above, highest, found)
    below = found < lowest
    scores: NDArray[Any] = np.round(np.where(below, lowest, found), _DIGITS)
    for limit, beyond in ((highest, above), (lowest, below)):
        if beyond.any() and isinstance(limit, int):
            scores = scores.astype(object)
            scores[beyond] = limit
    return scores


def score(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put a credit score beside each prediction."""
    results = {}
    for party in run.parties:
        table = first_table(run, party, "data", "test_data", "train_data")
        if table is None:
            results[party] = PartyResult()
            continue
        asked = parameter(run, party)
        if table.kind == "instance":
            raise ComponentFailed("'Instance' object does not support indexing", party)
        try:
            ids, said, _ = stored_predictions(table)
        except ValueError as error:
            raise ComponentFailed("list index out of range", party) from error
        credits_given = _credits(said.scores.astype(np.float64), asked)
        columns = (said.labels, said.results, said.scores, credits_given)
        rows = Columns(ids, [Values(column) for column in columns])
        schema = {"header": _HEADER, "sid_name": table.schema.get("sid_name")}
        formula = "Score = {} + {} / ln({}) * ln(Odds)".format(
            asked["offset"], asked["factor"], asked["factor_base"]
        )
        results[party] = PartyResult(
            [TableData("prediction", schema, rows, table.partitions)],
            summary={"scorecard_compute_formula": formula},
        )
    return results
