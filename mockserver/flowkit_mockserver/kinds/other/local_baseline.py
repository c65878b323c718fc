"""LocalBaseline: what one party could do alone, with plain logistic regression."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.nested import PREDICT
from flowkit_mockserver.kinds.rules import Rules, boolean, instance, lowered, nested, optional

__all__ = ["KIND"]

_BASELINE = "local baseline param"

_RULES: Rules = (
    # Only checked: the spelling that was submitted stays.
    lambda values: lowered("model_name", _BASELINE, ["logisticregression"])(dict(values)),
    boolean("need_run", _BASELINE),
    optional("model_opts", instance(dict), _BASELINE + " model_opts must be None or dict."),
    nested("predict_param", PREDICT.rules),
)

KIND = Kind(
    name="LocalBaseline",
    algorithm="flowkit_mockserver.components.other.local_baseline:learn_alone",
    exactness=Exactness.EXACT,
    accuracy=(
        "scikit-learn's logistic regression with the options and defaults of release 0.21.3; lbfgs exactly, sag, saga "
        "and newton-cg as far as today's scikit-learn takes the same steps. Needs the extra `compute`."
    ),
    param_class="LocalBaselineParam",
    defaults={
        "model_name": "LogisticRegression",
        "model_opts": None,
        "need_run": True,
        "predict_param": PREDICT.defaults,
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/local_baseline",
        guest="local_baseline.py/LocalBaseline",
        host="local_baseline.py/LocalBaseline",
    ),
    buffers={ANY_ROLE: Buffers.named("LocalBaseline", "LRModel")},
    extra="compute",
)
