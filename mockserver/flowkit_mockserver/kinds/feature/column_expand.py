"""ColumnExpand: columns of one value each, put behind those a table has."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import (
    Rules,
    Values,
    among,
    boolean,
    each,
    instance,
    kind,
    listed,
    need,
)

__all__ = ["KIND"]

_EXPAND = "column_expand param's "


def _fill_value(values: Values) -> None:
    fill = values["fill_value"]
    if isinstance(fill, list) and len(fill) != len(values["append_header"]):
        raise ValueError(
            f"{_EXPAND} `fill value` is set to be list,"
            " and param `append_header` must also be list of the same length."
        )
    for value in fill if isinstance(fill, list) else [fill]:
        if type(value) not in (float, int, str):
            raise ValueError(
                f"{_EXPAND} fill value(s) must be float, int, or str."
                f" Received type {type(value)} instead."
            )


_RULES: Rules = (
    need("method", instance(str), _EXPAND + "method {} not supported, should be str type"),
    lambda values: values.update(method=values["method"].lower()),
    need("method", among("manual"), _EXPAND + " method {} not supported"),
    boolean("need_run", _EXPAND),
    need(
        "append_header",
        instance(list),
        _EXPAND + " append_header must be None or list of str. Received {0.__class__} instead.",
    ),
    each(
        "append_header",
        kind("str"),
        _EXPAND + "append_header values {} not supported, should be string type",
    ),
    _fill_value,
)

_LATER_RULES: Rules = (listed("append_header"), *_RULES)

KIND = Kind(
    name="ColumnExpand",
    algorithm="flowkit_mockserver.components.feature.column_expand:expand",
    rests_with="flowkit_mockserver.components.feature.column_expand:resting_model",
    exactness=Exactness.EXACT,
    accuracy="Columns are appended as in FATE.",
    param_class="ColumnExpandParam",
    defaults={"append_header": [], "fill_value": 1e-08, "method": "manual", "need_run": True},
    rules=_RULES,
    later_rules=("keeps_names", _LATER_RULES),
    code_path=code_in("federatedml/feature", guest="column_expand.py/ColumnExpand"),
    buffers={ANY_ROLE: Buffers.named("ColumnExpand")},
)
