"""FeatureImputation: values that count as missing are filled, column by column."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    boolean,
    given,
    holds,
    instance,
    lowered,
    need,
    when,
)

__all__ = ["KIND"]

_ABOUT = "feature imputation param's "
_METHODS = ["min", "max", "mean", "designated"]


def _method_of_columns(values: Values) -> None:
    methods: Any = values["col_missing_fill_method"]
    if not methods:
        return
    if not isinstance(methods, dict):
        raise ValueError(f"{_ABOUT}col_missing_fill_method should be a dict")
    about = f"per column method specified in {_ABOUT} col_missing_fill_method dict"
    for name in methods:
        lowered(name, about, _METHODS)(methods)


_RULES: Rules = (
    boolean("need_run", _ABOUT + "need_run"),
    when(
        holds("missing_fill_method", given),
        lowered("missing_fill_method", _ABOUT + "missing_fill_method ", _METHODS),
    ),
    _method_of_columns,
    when(
        holds("missing_impute", bool),
        need("missing_impute", instance(list), _ABOUT + "missing_impute must be None or list."),
    ),
)

KIND = Kind(
    name="FeatureImputation",
    algorithm="flowkit_mockserver.components.feature.feature_imputation:impute_features",
    rests_with="flowkit_mockserver.components.feature.feature_imputation:resting_model",
    exactness=Exactness.EXACT,
    accuracy="Values are counted as missing and replaced as in FATE.",
    param_class="FeatureImputationParam",
    defaults={
        "col_missing_fill_method": None,
        "default_value": 0,
        "missing_fill_method": None,
        "missing_impute": None,
        "need_run": True,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature",
        guest="feature_imputation.py/FeatureImputation",
        host="feature_imputation.py/FeatureImputation",
    ),
    buffers={ANY_ROLE: Buffers.named("FeatureImputation")},
    alone=True,
    later_only=True,
)
