"""HeteroSSHELinR: linear regression of a guest and a host without an arbiter, on shares of what nobody knows."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.linear_model.hetero_sshelr import KIND as LOGISTIC
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_SHARED_LINEAR

__all__ = ["KIND"]

#: What only a classification has.
_OF_CLASSES = {"batch_strategy", "masked_rate", "multi_class", "predict_param", "shuffle"}

KIND = Kind(
    name="HeteroSSHELinR",
    algorithm="flowkit_mockserver.components.linear_model.sshe:regress_on_shares",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained in FATE's own steps, in the clear; there, random shares leave chance from about the twelfth digit on."
    ),
    param_class="HeteroSSHELinRParam",
    defaults={
        **{name: value for name, value in LOGISTIC.defaults.items() if name not in _OF_CLASSES},
        "max_iter": 20,
    },
    later_rules=("linear_models", LATER_SHARED_LINEAR),
    code_path=code_in(
        "federatedml/linear_model/bilateral_linear_model/hetero_sshe_linear_regression",
        guest="hetero_linr_guest.py/HeteroLinRGuest",
        host="hetero_linr_host.py/HeteroLinRHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroLinearRegression", "LinRModel")},
    later_only=True,
)
