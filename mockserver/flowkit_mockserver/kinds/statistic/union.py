"""Union: several tables of one party under each other."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, kind, need

__all__ = ["KIND"]

_RULES: Rules = tuple(
    need(name, kind("bool"), f"union param's {name} {{}} not supported, should be bool")
    for name in ("need_run", "allow_missing", "keep_duplicate")
)

KIND = Kind(
    name="Union",
    algorithm="flowkit_mockserver.components.statistic.union:unite",
    exactness=Exactness.EXACT,
    accuracy="Records are joined by key as in FATE.",
    param_class="UnionParam",
    defaults={"allow_missing": False, "keep_duplicate": False, "need_run": True},
    rules=_RULES,
    code_path=code_in("federatedml/statistic/union", guest="union.py/Union", host="union.py/Union"),
)
