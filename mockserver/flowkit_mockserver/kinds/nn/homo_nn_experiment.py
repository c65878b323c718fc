"""HomoNNExperiment: HomoNN as an arbiter of an early version submits it."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.nn.homo_nn import KIND as HOMO_NN

__all__ = ["KIND"]

KIND = Kind(
    buffers=HOMO_NN.buffers,
    name="HomoNNExperiment",
    algorithm="flowkit_mockserver.components.nn.homo_nn:learn_together",
    exactness=Exactness.APPROXIMATE,
    accuracy=(
        "The layers, optimizers, losses and averages of the parameters are computed on torch, "
        "in the clear and batch by batch in order. Weights that start at random are torch's, "
        "not TensorFlow's."
    ),
    param_class="HomoNNParam",
    defaults=HOMO_NN.defaults,
    rules=HOMO_NN.rules,
    later_rules=HOMO_NN.later_rules,
    code_path=code_in(
        "federatedml/nn/homo_nn",
        arbiter="enter_point.py/HomoNNArbiterSubmitServer",
        host="enter_point.py/HomoNNArbiterSubmitClient",
    ),
    extra="nn",
    library="torch",
    stand_in=(
        "Without torch (extra `nn`) a single linear layer is trained in place of the network "
        "that the parameters define: losses fall and scores depend on the data, no more."
    ),
)
