"""Scorecards: the formula of credit scores."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from flowkit.results.answers import Source, payload

__all__ = ["Scorecard", "read_scorecard"]

#: ``Score = 500 + 20 / ln(2) * ln(Odds)``
FORMULA = re.compile(r"Score = (\S+) \+ (\S+) / ln\((\S+)\) \* ln\(Odds\)")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How a probability becomes a credit score: ``offset + factor / ln(base) * ln((1 - p) / p)``.

    Attributes:
        formula: FATE's sentence.
        offset: the score of even odds.
        factor: points that are added when the odds grow `base` times.
        base: the base.
    """

    formula: str
    offset: float
    factor: float
    base: float

    def score(self, probability: float) -> float:
        """Return the credit score of a probability above 0 and below 1, before FATE's limits and rounding."""
        odds = (1 - probability) / probability
        return self.offset + self.factor / math.log(self.base) * math.log(odds)


def read_scorecard(summary: Source | None) -> Scorecard | None:
    """Return the scorecard in an answer of ``component.get_summary`` of a Scorecard component; None when it has none.

    The credit scores themselves are the column ``credit_score`` of the component's output.

    Raises:
        ArgumentError: the answer has another form.
    """
    formula = str(payload(summary, "summary").get("scorecard_compute_formula") or "")
    found = FORMULA.fullmatch(formula)
    if found is None:
        return None
    return Scorecard(formula, *(float(part) for part in found.groups()))
