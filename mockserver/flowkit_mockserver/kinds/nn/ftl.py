"""FTL: a guest with labels and few columns learns from a host with other columns and some of the same samples."""

from __future__ import annotations

from flowkit_mockserver.kinds.callbacks import moved_to_callbacks
from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.nested import (
    ENCRYPT,
    LATER_ENCRYPT,
    MODE_CALCULATOR,
    PREDICT,
    VALIDATION_FREQS,
)
from flowkit_mockserver.kinds.nn.shared_rules import (
    BATCH_SIZE,
    EPOCHS,
    TOL,
    check_optimizer,
    config_type,
    empty_or_map,
)
from flowkit_mockserver.kinds.rules import (
    Rules,
    asserted,
    need,
    nested,
    positive_integer,
    positive_number,
)
from flowkit_mockserver.kinds.statistic.intersection import KIND as INTERSECTION
from flowkit_mockserver.kinds.statistic.later_intersection_rules import LATER_INTERSECTION

__all__ = ["KIND"]

_NETWORKS: Rules = (
    nested("encrypted_mode_calculator_param", MODE_CALCULATOR.rules),
    check_optimizer,
    config_type("keras"),
    TOL,
    EPOCHS,
    need(
        "nn_define",
        empty_or_map,
        "bottom_nn_define should be a dict defining the structure of neural network",
    ),
    BATCH_SIZE,
    VALIDATION_FREQS,
    asserted(
        "communication_efficient",
        lambda value: type(value) is bool,
        "communication efficient must be a boolean",
    ),
    asserted(
        "mode",
        lambda name: name in ["encrypted", "plain"],
        "mode options: encrpyted or plain, but {} is offered",
    ),
    positive_integer("epochs", "epochs"),
    positive_number("alpha", "alpha"),
    positive_integer("local_round", "local round"),
)

_RULES: Rules = (
    nested("intersect_param", INTERSECTION.rules),
    nested("encrypt_param", ENCRYPT.rules),
    *_NETWORKS,
)

_LATER_RULES: Rules = (
    nested("intersect_param", LATER_INTERSECTION),
    nested("encrypt_param", LATER_ENCRYPT.rules),
    *_NETWORKS,
    moved_to_callbacks("validation_freqs", "metrics", listed=True),
)

KIND = Kind(
    name="FTL",
    algorithm="flowkit_mockserver.components.nn.hetero_ftl:transfer",
    exactness=Exactness.APPROXIMATE,
    accuracy=(
        "The layers and optimizers of the parameters are computed on torch, in the clear. "
        "Weights that start at random are torch's, not TensorFlow's."
    ),
    param_class="FTLParam",
    defaults={
        "alpha": 1,
        "batch_size": -1,
        "communication_efficient": False,
        "config_type": "keras",
        "encrypt_param": ENCRYPT.defaults,
        "encrypted_mode_calculator_param": {**MODE_CALCULATOR.defaults, "mode": "confusion_opt"},
        "epochs": 1,
        "intersect_param": INTERSECTION.defaults,
        "local_round": 5,
        "mode": "plain",
        "n_iter_no_change": False,
        "nn_define": {},
        "optimizer": {"learning_rate": 0.01, "optimizer": "Adam"},
        "predict_param": PREDICT.defaults,
        "tol": 1e-06,
        "validation_freqs": None,
    },
    rules=_RULES,
    later_rules=("callbacks", _LATER_RULES),
    code_path=code_in(
        "federatedml/transfer_learning/hetero_ftl",
        guest="ftl_guest.py/FTLGuest",
        host="ftl_host.py/FTLHost",
    ),
    buffers={ANY_ROLE: Buffers("FTLGuestMeta", "FTLModelMeta", "FTLHostParam", "FTLModelParam")},
    whole_maps=frozenset({"nn_define", "optimizer"}),
    extra="nn",
    library="torch",
    stand_in=(
        "Without torch (extra `nn`) a single linear layer is trained in place of the network "
        "that the parameters define: losses fall and scores depend on the data, no more."
    ),
)
