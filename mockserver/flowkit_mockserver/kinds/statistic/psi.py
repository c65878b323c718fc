"""PSI: how far the columns of one table are distributed unlike those of another."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, asserted, decimal, instance

__all__ = ["KIND"]

_RULES: Rules = (
    asserted(
        "max_bin_num",
        lambda count: isinstance(count, int) and count > 0,
        "max bin must be an integer larger than 0",
    ),
    asserted("need_run", instance(bool), ""),
    asserted(
        "dense_missing_val",
        lambda value: value is None or isinstance(value, (str, int, float)),
        "missing value type {0.__class__} not supported",
    ),
    decimal("binning_error", "psi's param"),
)

KIND = Kind(
    name="PSI",
    algorithm="flowkit_mockserver.components.statistic.psi:compare",
    exactness=Exactness.EXACT,
    accuracy="Bins, counts and indices are FATE's.",
    param_class="PSIParam",
    defaults={
        "binning_error": 0.0001,
        "dense_missing_val": None,
        "max_bin_num": 20,
        "need_run": True,
    },
    rules=_RULES,
    code_path=code_in("federatedml/statistic/psi", guest="psi.py/PSI", host="psi.py/PSI"),
    need_deploy=False,
    buffers={ANY_ROLE: Buffers("PSIMeta", "PSIMeta", "PSIParam", "PsiSummary")},
)
