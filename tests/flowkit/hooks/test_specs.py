"""What every hook declares."""

from __future__ import annotations

from flowkit.hooks.table import HOOKS


def test_every_hook_declares_when_it_runs_what_it_may_change_and_what_it_costs() -> None:
    for hook in HOOKS.values():
        assert list(hook.facts) == ["Runs", "May change", "May answer", "Costs"], hook.name
        assert hook.summary.endswith("."), hook.name
        assert "def " + hook.name in hook.example, hook.name


def test_hooks_that_may_answer_say_so() -> None:
    for hook in HOOKS.values():
        assert hook.facts["May answer"].startswith("yes" if hook.answers else "no"), hook.name
