"""PSI: how far the columns of one table are distributed unlike those of another."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, decimal, kind, need, optional, whole_at_least

__all__ = ["KIND"]

_RULES: Rules = (
    need(
        "max_bin_num",
        whole_at_least(1),
        "max bin must be an integer larger than 0",
    ),
    need("need_run", kind("bool"), ""),
    optional(
        "dense_missing_val",
        kind("str", "int", "float"),
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
