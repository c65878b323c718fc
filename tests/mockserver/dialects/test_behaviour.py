"""What components compute is said line by line."""

from __future__ import annotations

import dataclasses

import pytest

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, SINCE, UNTIL, Behaviour


def test_every_difference_says_since_when_it_holds() -> None:
    assert SINCE.keys() | UNTIL.keys() == {field.name for field in dataclasses.fields(Behaviour)}


def test_the_first_lines_compute_alike_but_for_summaries_and_a_loss() -> None:
    assert dialect_of("1.6.1").behaviour == FIRST_BEHAVIOUR
    five = dataclasses.replace(
        FIRST_BEHAVIOUR, flat_evaluations=True, plain_binnings=True, whole_cross_term=True
    )
    assert dialect_of("1.5").behaviour == five


@pytest.mark.parametrize(
    ("name", "first", "last_without"),
    [
        ("exact_fillings", "1.7", "1.6"),
        # A real 1.7.2 shows 100 thresholds, and hosts of a homogeneous regression whose rates decay.
        ("rising_thresholds", "1.7", "1.6"),
        ("hosts_count", "1.7", "1.6"),
        ("forgets_labels", "1.7", "1.6"),
        # It takes the label that it meets first for the event, and counts no ids of its own.
        ("sorts_labels", "1.10", "1.9"),
        ("counts_own_ids", "1.10", "1.9"),
        ("whole_cross_term", "1.7", "1.6"),
        ("keeps_names", "1.9", "1.8"),
        ("federated_average", "1.10", "1.9"),
    ],
)
def test_a_difference_holds_from_its_line_on(name: str, first: str, last_without: str) -> None:
    assert getattr(dialect_of(first).behaviour, name)
    assert getattr(dialect_of("1.11").behaviour, name)
    assert not getattr(dialect_of(last_without).behaviour, name)
