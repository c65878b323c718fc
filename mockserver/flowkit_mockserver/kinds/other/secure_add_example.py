"""SecureAddExample: the toy sum of two parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, kind, need, optional, whole_at_least

__all__ = ["KIND"]

_RULES: Rules = (
    optional("seed", kind("int"), "random seed should be None or integers"),
    need(
        "partition",
        whole_at_least(1),
        "partition should be an integer large than 0",
    ),
    need(
        "data_num",
        whole_at_least(1),
        "data_num should be an integer large than 0",
    ),
)

KIND = Kind(
    name="SecureAddExample",
    algorithm="flowkit_mockserver.components.other.toy:add_secretly",
    exactness=Exactness.EXACT,
    accuracy="The sum is the one that the parameters imply; no shares are exchanged.",
    param_class="SecureAddExampleParam",
    defaults={"data_num": 1000, "partition": 1, "seed": None},
    rules=_RULES,
    code_path=code_in(
        "federatedml/toy_example",
        guest="secure_add_guest.py/SecureAddGuest",
        host="secure_add_host.py/SecureAddHost",
    ),
)
