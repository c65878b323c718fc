"""HeteroPearson: how columns move together, within a party and across two."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.kinds.rules import Rules, Values, each, ensure, holds, instance, need, when

__all__ = ["KIND"]

_RULES: Rules = (
    need("use_mix_rand", instance(bool), "use_mix_rand accept bool type only, {0.__class__} got"),
    ensure(
        lambda values: values["need_run"] or not values["cross_parties"],
        "need_run should be True(which is default) when cross_parties is True.",
    ),
    need("column_names", instance(list), "type mismatch, column_names with type {0.__class__}"),
    each(
        "column_names",
        instance(str),
        "type mismatch, column_names with element {0}(type is {0.__class__})",
    ),
    when(
        holds("column_indexes", instance(list)),
        each(
            "column_indexes",
            instance(int),
            "type mismatch, column_indexes with element {0}(type is {0.__class__})",
        ),
    ),
    need(
        "column_indexes",
        lambda value: not isinstance(value, int) or value == -1,
        "column_indexes with type int and value {}(only -1 allowed)",
    ),
    ensure(
        lambda values: (
            not values["need_run"] or values["column_indexes"] != [] or values["column_names"] != []
        ),
        "provide at least one column",
    ),
)


def _relabel(param: dict[str, Any], parties: Relabelling) -> None:
    param["party"] = parties.party_tuple(param["party"])
    param["parties"] = [parties.party_tuple(text) for text in param["parties"]]
    for anonymous in param["anonymousMap"]:
        anonymous["anonymous"] = parties.anonymous(anonymous["anonymous"])
    for names in param["allNames"]:
        names["names"] = [parties.maybe_anonymous(text) for text in names["names"]]


def _columns_may_be_none(values: Values) -> None:
    for name in ("column_indexes", "column_names"):
        if values[name] is None:
            values[name] = []


_LATER_RULES: Rules = (
    *_RULES[:2],
    _columns_may_be_none,
    *_RULES[2:],
    need(
        "fixpoint_bit_length",
        lambda bits: isinstance(bits, int) and bits >= 1024,
        "fixpoint bit length should be integer >= 1024",
    ),
)

KIND = Kind(
    name="HeteroPearson",
    algorithm="flowkit_mockserver.components.statistic.hetero_pearson:correlate",
    exactness=Exactness.EXACT,
    accuracy=(
        "Correlations are FATE's; across parties in its fixed point arithmetic, whose last "
        "unit (1e-4 divided by the number of samples) is one of chance."
    ),
    param_class="PearsonParam",
    defaults={
        "calc_local_vif": True,
        "column_indexes": [],
        "column_names": [],
        "cross_parties": True,
        "need_run": True,
        "use_mix_rand": False,
    },
    rules=_RULES,
    later_rules=("callbacks", _LATER_RULES),
    code_path=code_in(
        "federatedml/statistic/correlation",
        guest="hetero_pearson.py/HeteroPearson",
        host="hetero_pearson.py/HeteroPearson",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroPearsonModel", "PearsonModel")},
    relabel=_relabel,
)
