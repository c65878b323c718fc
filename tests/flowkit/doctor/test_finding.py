"""Findings are values."""

from __future__ import annotations

from flowkit.doctor import Finding, State


def test_a_finding_needs_no_mend() -> None:
    assert Finding("DNS", State.OK, "fine").mend == ""


def test_a_state_is_its_word() -> None:
    assert f"{State.PROBLEM}" == "problem"
