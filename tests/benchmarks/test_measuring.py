"""What the benchmarks print, and how they compare."""

from __future__ import annotations

from benchmarks.measuring import Figure, alternate


def test_a_bound_may_be_an_upper_or_a_lower_one() -> None:
    assert Figure("call", 1.1, "x", 1.15, most=True).met
    assert not Figure("call", 1.2, "x", 1.15, most=True).met
    assert Figure("rate", 3500, "/s", 3000, most=False).met
    assert not Figure("rate", 2500, "/s", 3000, most=False).met


def test_a_missed_target_shows() -> None:
    text = str(Figure("call", 1.2, "x", 1.15, most=True, detail="120 µs beside 100 µs"))
    assert text == "call: 1.20 x (target ≤ 1.15)   MISSED\n    120 µs beside 100 µs"


def test_both_sides_of_a_comparison_go_first_in_turns() -> None:
    order: list[str] = []

    def measured(name: str, value: float) -> float:
        order.append(name)
        return value

    ratio, one, other = alternate(lambda: measured("a", 3.0), lambda: measured("b", 2.0), 4)
    assert (ratio, one, other) == (1.5, 3.0, 2.0)
    assert order == ["a", "b", "b", "a", "a", "b", "b", "a"]
