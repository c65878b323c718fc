"""FederatedSample: which samples are used."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, each, instance, lowered, need, when

__all__ = ["KIND"]

_FRACTIONS: Rules = (
    lowered("method", "sample param", ["upsample", "downsample"]),
    when(
        lambda values: values["mode"] == "stratified" and values["fractions"] is not None,
        need(
            "fractions",
            instance(list),
            "fractions of sample param when using stratified should be list",
        ),
        each(
            "fractions",
            lambda pair: isinstance(pair, (list, str, dict)) and len(pair) == 2,
            "element in fractions of sample param using stratified"
            " should be a pair like [label_i, rate_i]",
        ),
    ),
)

_RULES: Rules = (lowered("mode", "sample param", ["random", "stratified"]), *_FRACTIONS)
_LATER_RULES: Rules = (
    lowered("mode", "sample param", ["random", "stratified", "exact_by_weight"]),
    *_FRACTIONS,
)

KIND = Kind(
    name="FederatedSample",
    algorithm="flowkit_mockserver.components.feature.sampler:sample",
    exactness=Exactness.EXACT,
    accuracy=(
        "A seed draws the same ids as in FATE. The order of a stratified upsample is one of "
        "chance, in FATE too."
    ),
    param_class="SampleParam",
    defaults={
        "fractions": None,
        "method": "downsample",
        "mode": "random",
        "need_run": True,
        "random_state": None,
        "task_type": "hetero",
    },
    rules=_RULES,
    later_rules=("samples_by_weight", _LATER_RULES),
    code_path=code_in("federatedml/feature", guest="sampler.py/Sampler", host="sampler.py/Sampler"),
    need_deploy=False,
)
