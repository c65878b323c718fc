"""SampleWeight: how much each sample counts."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, Values, boolean, holds, lowered, string, when

__all__ = ["KIND"]


def _class_weight(values: Values) -> None:
    weight = values["class_weight"]
    about = "sample weight param's class_weight"
    if not isinstance(weight, (str, dict)):
        raise ValueError(f"{about} must be str, dict, or None.")
    if isinstance(weight, str):
        lowered("class_weight", about, ["balanced"])(values)
    else:
        # Negative weights are only warned about, but comparing them can fail.
        any(share < 0 for share in weight.values())


_RULES: Rules = (
    when(holds("class_weight", bool), _class_weight),
    when(
        holds("sample_weight_name", bool),
        string("sample_weight_name", "sample weight param's sample_weight_name"),
    ),
    boolean("need_run", "sample weight param's need_run"),
    boolean("normalize", "sample weight param's normalize"),
)

KIND = Kind(
    name="SampleWeight",
    algorithm="flowkit_mockserver.components.util.sample_weight:weigh",
    exactness=Exactness.EXACT,
    accuracy="Weights follow from the classes or from the named column as in FATE.",
    param_class="SampleWeightParam",
    defaults={
        "class_weight": None,
        "need_run": True,
        "normalize": False,
        "sample_weight_name": None,
    },
    rules=_RULES,
    never_rests=True,
    code_path=code_in(
        "federatedml/util",
        guest="sample_weight.py/SampleWeight",
        host="sample_weight.py/SampleWeight",
    ),
    buffers={ANY_ROLE: Buffers.named("SampleWeightModel")},
)
