"""SecureAddExample: the toy sum of two parties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowkit_mockserver.kinds.kind import Exactness, Kind, TaskLogs, code_in
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


def _tell(parameters: Mapping[str, Any], role: str) -> Iterator[tuple[str, str]]:
    """Yield the lines by which FATE's toy test tells that the sum came out."""
    if role == "guest":
        total = 2.0 * parameters["data_num"]
        yield "secure_add_guest.py", f"success to calculate secure_sum, it is {total}"


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
    logs=TaskLogs(told=_tell),
)
