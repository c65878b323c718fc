"""FeatureScale: columns brought to a common range or spread."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    all_or,
    boolean,
    given,
    holds,
    list_of,
    listed,
    lowered,
    need,
    when,
)

__all__ = ["KIND"]

_RULES: Rules = (
    when(
        holds("method", given),
        lowered("method", "scale param's method", ["min_max_scale", "standard_scale"]),
    ),
    lowered("mode", "scale param's mode", ["normal", "cap"]),
    need(
        "scale_col_indexes",
        all_or(-1, list),
        "scale_col_indexes is should be -1 or a list",
    ),
    need(
        "scale_names",
        list_of(str),
        "scale_names is should be a list of string",
    ),
    boolean("with_mean", "scale_param with_mean"),
    boolean("with_std", "scale_param with_std"),
    boolean("need_run", "scale_param need_run"),
)

_LATER_RULES: Rules = (listed("scale_names"), *_RULES)

KIND = Kind(
    name="FeatureScale",
    algorithm="flowkit_mockserver.components.feature.scale:scale",
    rests_with="flowkit_mockserver.components.feature.scale:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Bounds, means and deviations are FATE's. In mode cap, values that are missing have "
        "no place in the order of a column, which FATE gives them by chance; the task's log "
        "says so."
    ),
    param_class="ScaleParam",
    defaults={
        "feat_lower": None,
        "feat_upper": None,
        "method": "standard_scale",
        "mode": "normal",
        "need_run": True,
        "scale_col_indexes": -1,
        "scale_names": [],
        "with_mean": True,
        "with_std": True,
    },
    rules=_RULES,
    later_rules=("exact_fillings", _LATER_RULES),
    code_path=code_in("federatedml/feature", guest="scale.py/Scale", host="scale.py/Scale"),
    buffers={ANY_ROLE: Buffers.named("Scale")},
    alone=True,
)
