"""HeteroNN: networks over the columns of several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.callbacks import moved_to_callbacks
from flowkit_mockserver.kinds.kind import (
    Buffers,
    Exactness,
    Kind,
    LaterAccuracy,
    LaterResults,
    code_in,
)
from flowkit_mockserver.kinds.nested import (
    CROSS_VALIDATION,
    ENCRYPT,
    LATER_ENCRYPT,
    METRICS,
    MODE_CALCULATOR,
    PREDICT,
    VALIDATION_FREQS,
)
from flowkit_mockserver.kinds.nn.shared_rules import (
    BATCH_SIZE,
    DATASET,
    EPOCHS,
    TOL,
    check_optimizer,
    config_type,
    empty_or_map,
)
from flowkit_mockserver.kinds.rules import (
    Rules,
    among,
    at_least,
    boolean,
    holds,
    instance,
    need,
    nested,
    optional,
    positive_integer,
    when,
)

__all__ = ["KIND"]

_SELECTOR: Rules = (
    optional(
        "method",
        among("relative"),
        'selective method should be None be "relative"',
    ),
    need(
        "selective_size",
        lambda size: isinstance(size, int) and size > 0,
        "selective size should be a positive integer",
    ),
    need("beta", instance(int), "beta should be integer"),
    need("min_prob", instance(float, int), "min_prob should be numeric"),
)

_TASK = need(
    "task_type",
    among("classification", "regression"),
    "config_type should be classification or regression",
)

_LAYERS: Rules = (
    TOL,
    EPOCHS,
    *(
        need(
            name,
            empty_or_map,
            f"{name} should be a dict defining the structure of neural network",
        )
        for name in ("bottom_nn_define", "top_nn_define")
    ),
    optional(
        "interactive_layer_define",
        instance(dict),
        "the interactive_layer_define should be a dict defining the structure of interactive layer",
    ),
    BATCH_SIZE,
    need("early_stop", among("diff"), "early stop should be diff in this version"),
)

_PRECISION = optional(
    "floating_point_precision",
    lambda bits: isinstance(bits, int) and 0 <= bits <= 63,
    "floating point precision should be null or a integer between 0 and 63",
)

_NESTED: Rules = (
    nested("encrypted_model_calculator_param", MODE_CALCULATOR.rules),
    nested("predict_param", PREDICT.rules),
    nested("selector_param", _SELECTOR),
)

_RULES: Rules = (
    # Where the networks are the user's own, optimizers are as well, and a warm start gives none.
    when(lambda values: "dataset" not in values, check_optimizer),
    _TASK,
    config_type("keras"),
    *_LAYERS,
    VALIDATION_FREQS,
    when(
        holds("early_stopping_rounds", bool),
        need(
            "early_stopping_rounds",
            instance(int),
            "early stopping rounds should be None or int larger than 0",
        ),
        need(
            "early_stopping_rounds",
            at_least(1),
            "early stopping should be larger than 0 when it's integer",
        ),
        need(
            "validation_freqs",
            bool,
            "If early stopping rounds is setting, validation_freqs should not be null",
        ),
    ),
    METRICS,
    need("use_first_metric_only", instance(bool), "use_first_metric_only should be a boolean"),
    _PRECISION,
    need(
        "drop_out_keep_rate",
        lambda rate: isinstance(rate, (float, int)) and 0 <= rate <= 1,
        "drop_out_keep_rate should be in range [0.0, 1.0]",
    ),
    nested("encrypt_param", ENCRYPT.rules),
    *_NESTED,
)

_CONFUSER: Rules = (
    boolean("enable", "enable"),
    need(
        "epoch",
        lambda count: isinstance(count, int) and count > 0,
        "epoch should be a positive integer",
    ),
    *(
        need(name, instance(float), name + " should be a float number")
        for name in ("lr", "lambda1", "lambda2")
    ),
    boolean("verbose", "verbose"),
)

_LATER_RULES: Rules = (
    DATASET,
    positive_integer("seed", "seed"),
    _TASK,
    *_LAYERS,
    METRICS,
    _PRECISION,
    nested("encrypt_param", LATER_ENCRYPT.rules),
    *_NESTED,
    nested("coae_param", _CONFUSER),
    moved_to_callbacks(
        "early_stopping_rounds", "validation_freqs", "use_first_metric_only", listed=True
    ),
)

KIND = Kind(
    name="HeteroNN",
    algorithm="flowkit_mockserver.components.nn.hetero_nn:learn_across",
    exactness=Exactness.APPROXIMATE,
    accuracy=(
        "The layers, optimizers, losses and batches of the parameters are computed on torch, "
        "in the clear. Weights that start at random are torch's, not TensorFlow's. A training that "
        "is given a model (a warm start) begins anew."
    ),
    param_class="HeteroNNParam",
    defaults={
        "batch_size": -1,
        "bottom_nn_define": None,
        "config_type": "keras",
        "cv_param": CROSS_VALIDATION.defaults,
        "drop_out_keep_rate": 1.0,
        "early_stop": "diff",
        "early_stopping_rounds": None,
        "encrypt_param": ENCRYPT.defaults,
        "encrypted_model_calculator_param": {**MODE_CALCULATOR.defaults, "mode": "confusion_opt"},
        "epochs": 100,
        "floating_point_precision": 23,
        "interactive_layer_define": None,
        "interactive_layer_lr": 0.9,
        "loss": None,
        "metrics": [],
        "optimizer": "SGD",
        "predict_param": PREDICT.defaults,
        "selector_param": {
            "beta": 1,
            "method": None,
            "min_prob": 0,
            "random_state": None,
            "selective_size": 1024,
        },
        "task_type": "classification",
        "tol": 1e-05,
        "top_nn_define": None,
        "use_first_metric_only": True,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("own_networks", _LATER_RULES),
    code_path=code_in(
        "federatedml/nn/hetero_nn",
        guest="hetero_nn_guest.py/HeteroNNGuest",
        host="hetero_nn_host.py/HeteroNNHost",
    ),
    buffers={
        "guest": Buffers.named("HeteroNNGuest", "HeteroNN"),
        "host": Buffers.named("HeteroNNHost", "HeteroNN"),
    },
    later=LaterResults(
        buffers={
            "guest": Buffers.named("HeteroNNGuest", "HeteroNN", later=True),
            "host": Buffers.named("HeteroNNHost", "HeteroNN", later=True),
        }
    ),
    later_accuracy=LaterAccuracy(
        since="own_networks",
        exactness=Exactness.EXACT,
        accuracy=(
            "The user's networks take the steps of FATE on torch, with its seed and batches; the "
            "noise that leaves chance in the fifth digit there is left out. Other datasets, and "
            "modules of the user's, are refused."
        ),
        library="torch",
        without="Without torch (extra `nn`) the component fails.",
    ),
    extra="nn",
    library="torch",
    stand_in=(
        "Without torch (extra `nn`) a single linear layer is trained in place of the network "
        "that the parameters define: losses fall and scores depend on the data, no more."
    ),
)
