"""HomoNN: a common network over samples that lie with several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import (
    ANY_ROLE,
    Buffers,
    Exactness,
    Kind,
    LaterAccuracy,
    LaterResults,
    code_in,
)
from flowkit_mockserver.kinds.nested import CROSS_VALIDATION, PREDICT
from flowkit_mockserver.kinds.nn.shared_rules import DATASET, check_optimizer, config_type, named
from flowkit_mockserver.kinds.rules import Rules, Values, asserted, at_least, instance, need, nested

__all__ = ["KIND"]


_SEED = "torch seed should be an int >=0"


def _early_stop(values: Values) -> None:
    early_stop = values["early_stop"]
    if isinstance(early_stop, dict):
        if not early_stop.get("early_stop"):
            raise ValueError(f"early_stop config: {early_stop} invalid")
    elif not isinstance(early_stop, str):
        raise ValueError(f"invalid type for early_stop: {type(early_stop)}")


_RULES: Rules = (
    config_type("nn", "keras", "pytorch"),
    _early_stop,
    need(
        "metrics",
        lambda names: not names or isinstance(names, (str, list)),
        "invalid metrics type: {0.__class__}",
    ),
    check_optimizer,
)

_LATER_RULES: Rules = (
    nested("trainer", (named("trainer_name"),)),
    DATASET,
    need("torch_seed", instance(int), _SEED),
    asserted("torch_seed", at_least(0), _SEED),
    *(
        asserted(name, lambda value: value is None or isinstance(value, dict), text)
        for name, text in (
            ("nn_define", "nn define should be a dict defining model structures"),
            ("loss", "loss parameter should be a loss config dict"),
            ("optimizer", "optimizer parameter should be a config dict"),
        )
    ),
)

KIND = Kind(
    name="HomoNN",
    algorithm="flowkit_mockserver.components.nn.homo_nn:learn_together",
    exactness=Exactness.APPROXIMATE,
    accuracy=(
        "The layers, optimizers, losses and averages of the parameters are computed on torch, "
        "in the clear and batch by batch in order. Weights that start at random are torch's, "
        "not TensorFlow's. A training that is given a model (a warm start) begins anew."
    ),
    param_class="HomoNNParam",
    defaults={
        "aggregate_every_n_epoch": 1,
        "api_version": 0,
        "batch_size": -1,
        "config_type": "nn",
        "cv_param": CROSS_VALIDATION.defaults,
        "early_stop": "diff",
        "encode_label": False,
        "loss": None,
        "max_iter": 100,
        "metrics": None,
        "nn_define": [],
        "optimizer": "SGD",
        "predict_param": PREDICT.defaults,
        "secure_aggregate": True,
    },
    rules=_RULES,
    later_rules=("own_networks", _LATER_RULES),
    code_path=code_in(
        "federatedml/nn/homo_nn",
        arbiter="enter_point.py/HomoNNDefaultServer",
        guest="enter_point.py/HomoNNDefaultClient",
        host="enter_point.py/HomoNNDefaultClient",
    ),
    buffers={ANY_ROLE: Buffers.named("HomoNNModel", "NNModel")},
    later=LaterResults(buffers={ANY_ROLE: Buffers.named("HomoNN", later=True)}),
    later_accuracy=LaterAccuracy(
        since="own_networks",
        exactness=Exactness.EXACT,
        accuracy=(
            "The user's network takes the steps of FedAVGTrainer on torch, with its seed, batches "
            "and averages. Other trainers and datasets, and modules of the user's, are refused."
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
