"""LabelTransform: labels become others, and those of predictions become what they were."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, Values, boolean

__all__ = ["KIND"]

_ABOUT = "label transform param's "


def _encoder(values: Values) -> None:
    encoder, labels = values["label_encoder"], values["label_list"]
    if encoder is not None and not isinstance(encoder, dict):
        raise ValueError(f"{_ABOUT} label_encoder should be dict type")
    if labels is None:
        return
    if not isinstance(labels, list):
        raise ValueError(f"{_ABOUT} label_list should be list type")
    if encoder and labels and len(labels) != len(encoder):
        raise ValueError("label_list's length not matching label_encoder key count.")


_RULES: Rules = (boolean("need_run", f"{_ABOUT} need run "), _encoder)

KIND = Kind(
    name="LabelTransform",
    algorithm="flowkit_mockserver.components.util.label_transform:transform_labels",
    exactness=Exactness.EXACT,
    accuracy="Labels are told apart and replaced as in FATE.",
    param_class="LabelTransformParam",
    defaults={"label_encoder": None, "label_list": None, "need_run": True},
    rules=_RULES,
    code_path=code_in(
        "federatedml/util",
        guest="label_transform.py/LabelTransformer",
        host="label_transform.py/LabelTransformer",
    ),
    buffers={ANY_ROLE: Buffers.named("LabelTransform")},
    alone=True,
    later_only=True,
    never_rests=True,
)
