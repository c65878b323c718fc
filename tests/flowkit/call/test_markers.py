"""The marks of pluggy."""

from __future__ import annotations

import flowkit
from flowkit.call.markers import PROJECT, hookimpl


def test_a_marked_function_carries_the_mark_that_hooks_look_for() -> None:
    @hookimpl(trylast=True)
    def flowkit_sign() -> None: ...

    assert getattr(flowkit_sign, f"{PROJECT}_impl")["trylast"] is True
    assert flowkit.hookimpl is hookimpl
