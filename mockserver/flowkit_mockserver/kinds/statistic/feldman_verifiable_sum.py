"""FeldmanVerifiableSum: a sum over parties that nobody can forge."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, at_least, each, holds, instance, need, when

__all__ = ["KIND"]

_RULES: Rules = (
    when(
        holds("sum_cols", instance(list)),
        each(
            "sum_cols",
            instance(int),
            "type mismatch, column_indexes with element {0}(type is {0.__class__})",
        ),
    ),
    need(
        "q_n",
        instance(int),
        '("Init param\'s q_n {} not supported, should be int type", False)',
    ),
    need(
        "q_n",
        at_least(0),
        "param's q_n {} not supported, should be non-negative int value",
    ),
    need(
        "q_n",
        lambda count: count <= 16,
        "param's q_n {} not supported, should be less than or equal to 16",
    ),
)

KIND = Kind(
    name="FeldmanVerifiableSum",
    algorithm="flowkit_mockserver.components.other.toy:sum_verifiably",
    exactness=Exactness.EXACT,
    accuracy="The sums are FATE's, cut to q_n decimals; no shares are exchanged or verified.",
    param_class="FeldmanVerifiableSumParam",
    defaults={"q_n": 6, "sum_cols": []},
    rules=_RULES,
    code_path=code_in(
        "federatedml/statistic/feldman_verifiable_sum",
        guest="feldman_verifiable_sum_guest.py/FeldmanVerifiableSumGuest",
        host="feldman_verifiable_sum_host.py/FeldmanVerifiableSumHost",
    ),
)
