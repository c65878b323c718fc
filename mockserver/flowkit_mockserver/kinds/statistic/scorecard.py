"""Scorecard: probabilities as credit scores."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, among, boolean, instance, kind, need

__all__ = ["KIND"]

_SCORECARD = "scorecard param"

_RULES: Rules = (
    need("method", instance(str), _SCORECARD + "method {} not supported, should be str type"),
    lambda values: values.update(method=values["method"].lower()),
    need("method", among("credit"), _SCORECARD + " method {} not supported"),
    *(
        need(
            name,
            kind("int", "float"),
            f"{_SCORECARD} {name} must be numeric,received {{0.__class__}} instead.",
        )
        for name in ("offset", "factor", "factor_base", "upper_limit_ratio", "lower_limit_value")
    ),
    boolean("need_run", _SCORECARD + "need_run "),
)

KIND = Kind(
    name="Scorecard",
    algorithm="flowkit_mockserver.components.statistic.scorecard:score",
    exactness=Exactness.EXACT,
    accuracy="Scores follow from the probabilities by FATE's formula.",
    param_class="ScorecardParam",
    defaults={
        "factor": 20,
        "factor_base": 2,
        "lower_limit_value": 0,
        "method": "credit",
        "need_run": True,
        "offset": 500,
        "upper_limit_ratio": 3,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/statistic/scorecard",
        guest="score_transformer.py/Scorecard",
        host="score_transformer.py/Scorecard",
    ),
)
