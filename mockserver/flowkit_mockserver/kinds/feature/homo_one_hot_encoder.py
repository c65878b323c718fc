"""HomoOneHotEncoder: one column of zeros and ones for every value that any party has."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, boolean, typed

__all__ = ["KIND"]

_HOMO_ONE_HOT = "One-hot encoder with alignment param's"

_RULES: Rules = (
    typed("transform_col_indexes", _HOMO_ONE_HOT, "list", "int"),
    boolean("need_run", _HOMO_ONE_HOT),
    boolean("need_alignment", _HOMO_ONE_HOT),
)

KIND = Kind(
    name="HomoOneHotEncoder",
    algorithm="flowkit_mockserver.components.feature.one_hot_encoder:encode_together",
    rests_with="flowkit_mockserver.components.feature.one_hot_encoder:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Columns come in FATE's order; those of texts, whose order is one of chance in FATE, "
        "in alphabetical order."
    ),
    param_class="HomoOneHotParam",
    defaults={
        "need_alignment": True,
        "need_run": True,
        "transform_col_indexes": -1,
        "transform_col_names": [],
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature/homo_onehot",
        arbiter="homo_ohe_arbiter.py/HomoOneHotArbiter",
        guest="homo_ohe_base.py/HomoOneHotBase",
        host="homo_ohe_base.py/HomoOneHotBase",
    ),
    buffers={ANY_ROLE: Buffers.named("OHEAlignment", "OneHot")},
)
