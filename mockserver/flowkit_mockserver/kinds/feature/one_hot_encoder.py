"""OneHotEncoder: one column of zeros and ones for every value of a column."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, typed

__all__ = ["KIND"]

_RULES: Rules = (
    typed("transform_col_indexes", "One-hot encoder param's", "list", "int", "NoneType"),
    typed("transform_col_names", "One-hot encoder param's", "list", "NoneType"),
)

KIND = Kind(
    name="OneHotEncoder",
    algorithm="flowkit_mockserver.components.feature.one_hot_encoder:encode",
    rests_with="flowkit_mockserver.components.feature.one_hot_encoder:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Columns come in FATE's order; those of texts, whose order is one of chance in FATE, "
        "in alphabetical order."
    ),
    param_class="OneHotEncoderParam",
    defaults={"need_run": True, "transform_col_indexes": -1, "transform_col_names": []},
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature",
        guest="one_hot_encoder.py/OneHotEncoder",
        host="one_hot_encoder.py/OneHotEncoder",
    ),
    buffers={ANY_ROLE: Buffers.named("OneHot")},
)
