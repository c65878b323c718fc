"""HomoLR: logistic regression over samples that lie with several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import (
    ANY_ROLE,
    Buffers,
    Exactness,
    Kind,
    LaterAccuracy,
    code_in,
)
from flowkit_mockserver.kinds.linear_model.later_rules import LATER_HOMO_LOGISTIC
from flowkit_mockserver.kinds.linear_model.shared_rules import LOGISTIC
from flowkit_mockserver.kinds.nested import (
    CROSS_VALIDATION,
    ENCRYPT,
    INIT,
    PREDICT,
    STEPWISE,
)
from flowkit_mockserver.kinds.rules import Rules, among, at_least, instance, kind, need, when

__all__ = ["KIND"]

_RULES: Rules = (
    *LOGISTIC,
    need(
        "re_encrypt_batches",
        kind("int"),
        "logistic_param's re_encrypt_batches {} not supported, should be int type",
    ),
    need(
        "re_encrypt_batches",
        at_least(0),
        "logistic_param's re_encrypt_batches must be greater or equal to 0",
    ),
    need(
        "aggregate_iters",
        instance(int),
        "logistic_param's aggregate_iters {} not supported, should be int type",
    ),
    when(
        lambda values: values["encrypt_param"]["method"] == "Paillier",
        need(
            "optimizer",
            among("sgd"),
            "Paillier encryption mode supports 'sgd' optimizer method only.",
        ),
        need(
            "penalty",
            lambda name: name != "L1",
            "Paillier encryption mode supports 'L2' penalty or None only.",
        ),
    ),
    need(
        "optimizer",
        lambda name: name != "sqn",
        "'sqn' optimizer is supported for hetero mode only.",
    ),
)

KIND = Kind(
    name="HomoLR",
    algorithm="flowkit_mockserver.components.linear_model.homo_lr:regress_homo",
    exactness=Exactness.EXACT,
    accuracy=(
        "Trained on all samples in FATE's own steps and averages, in the clear. Weights that start at random "
        "without a seed are drawn from the seed of the server."
    ),
    param_class="HomoLogisticParam",
    defaults={
        "aggregate_iters": 1,
        "alpha": 1.0,
        "batch_size": -1,
        "cv_param": CROSS_VALIDATION.defaults,
        "decay": 1,
        "decay_sqrt": True,
        "early_stop": "diff",
        "early_stopping_rounds": None,
        "encrypt_param": {**ENCRYPT.defaults, "method": None},
        "floating_point_precision": 23,
        "init_param": INIT.defaults,
        "learning_rate": 0.01,
        "max_iter": 100,
        "metrics": ["auc", "ks"],
        "mu": 0.1,
        "multi_class": "ovr",
        "optimizer": "rmsprop",
        "penalty": "L2",
        "predict_param": PREDICT.defaults,
        "re_encrypt_batches": 2,
        "stepwise_param": STEPWISE.defaults,
        "tol": 0.0001,
        "use_first_metric_only": False,
        "use_proximal": False,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("linear_models", LATER_HOMO_LOGISTIC),
    code_path=code_in(
        "federatedml/linear_model/logistic_regression/homo_logsitic_regression",
        arbiter="homo_lr_arbiter.py/HomoLRArbiter",
        guest="homo_lr_guest.py/HomoLRGuest",
        host="homo_lr_host.py/HomoLRHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HomoLogisticRegression", "LRModel")},
    later_accuracy=LaterAccuracy(
        since="federated_average",
        exactness=Exactness.EXACT,
        accuracy="A network of one neuron takes FATE's steps on torch and is averaged.",
        library="torch",
        without="Without torch (extra `nn`) it is computed in numpy, with other last digits.",
    ),
)
