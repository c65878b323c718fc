"""Scorecard: probabilities as credit scores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.rows.run import first_table, parameter
from flowkit_mockserver.party import Party

__all__ = ["score"]

_DIGITS = 2
_PREDICTION = 5


def _credit(chance: float, asked: Mapping[str, Any]) -> float:
    """Return the score of a probability: the odds on a logarithmic scale, within the limits."""
    highest = asked["upper_limit_ratio"] * asked["offset"]
    lowest = asked["lower_limit_value"]
    if chance <= 0 or chance >= 1:
        return float(highest if chance <= 0 else lowest)
    odds = (1 - chance) / chance
    per_unit = asked["factor"] / math.log(asked["factor_base"])
    credit = asked["offset"] + per_unit * math.log(odds)
    return float(round(min(max(credit, lowest), highest), _DIGITS))


def score(run: ComponentRun) -> dict[Party, PartyResult]:
    """Put a credit score beside each prediction."""
    results = {}
    for party in run.parties:
        table = first_table(run, party, "data", "test_data", "train_data")
        if table is None:
            results[party] = PartyResult()
            continue
        asked = parameter(run, party)
        records = []
        for key, value in table.records:
            if not isinstance(value, list) or len(value) != _PREDICTION:
                raise ComponentFailed("list index out of range", party)
            records.append((key, [*value[:3], _credit(value[2], asked)]))
        header = ["label", "predict_result", "predict_score", "credit_score"]
        schema = {"header": header, "sid_name": table.schema.get("sid_name")}
        formula = "Score = {} + {} / ln({}) * ln(Odds)".format(
            asked["offset"], asked["factor"], asked["factor_base"]
        )
        results[party] = PartyResult(
            [TableData("prediction", schema, records, table.partitions)],
            summary={"scorecard_compute_formula": formula},
        )
    return results
