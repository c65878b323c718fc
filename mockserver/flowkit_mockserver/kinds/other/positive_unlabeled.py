"""PositiveUnlabeled: samples without a label that a model is sure of become positive."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    decimal,
    holds,
    one_of,
    positive_integer,
    positive_number,
    typed,
    when,
)

__all__ = ["KIND"]

_ABOUT = "Positive Unlabeled Param's "


_RULES: Rules = (
    one_of("strategy", _ABOUT, ["probability", "quantity", "proportion", "distribution"]),
    typed("threshold", _ABOUT, "int", "float"),
    when(
        holds("strategy", lambda value: value in {"probability", "proportion"}),
        decimal("threshold", "Probability or Proportion Strategy Param's "),
    ),
    when(
        holds("strategy", lambda value: value == "quantity"),
        positive_integer("threshold", "Quantity Strategy Param's "),
    ),
    when(
        holds("strategy", lambda value: value == "distribution"),
        positive_number("threshold", "Distribution Strategy Param's "),
    ),
)

KIND = Kind(
    name="PositiveUnlabeled",
    algorithm="flowkit_mockserver.components.other.positive_unlabeled:convert_unlabeled",
    exactness=Exactness.EXACT,
    accuracy="The same samples become positive as in FATE.",
    param_class="PositiveUnlabeledParam",
    defaults={"strategy": "probability", "threshold": 0.9},
    rules=_RULES,
    code_path=code_in(
        "federatedml/semi_supervised_learning/positive_unlabeled",
        guest="positive_unlabeled_transformer.py/PositiveUnlabeled",
        host="positive_unlabeled_transformer.py/PositiveUnlabeled",
    ),
    later_only=True,
)
