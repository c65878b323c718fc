"""The lines of servers: their order, what a text names, and what is nearest to one that names none."""

from __future__ import annotations

import pytest

from flowkit.servers import LINES, find_line, line_of, lines_between


def test_lines_are_in_order() -> None:
    assert [line.name for line in LINES] == ["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11"]
    assert list(LINES) == sorted(LINES)


@pytest.mark.parametrize(
    ("text", "name"),
    [("1.5", "1.5"), ("1.6.1", "1.6"), ("v1.10.1", "1.10"), ("1.11.4", "1.11"), ("1.11", "1.11")],
)
def test_a_line_or_a_version_names_a_line(text: str, name: str) -> None:
    assert line_of(text).name == name


@pytest.mark.parametrize(("text", "nearest"), [("1.12", "1.11"), ("1.4", "1.5"), ("2.0", "1.11")])
def test_others_are_refused_with_the_nearest(text: str, nearest: str) -> None:
    assert find_line(text) is None
    with pytest.raises(ValueError, match=rf"did you mean {nearest}\?"):
        line_of(text)


def test_lines_between_two() -> None:
    assert [line.name for line in lines_between("1.9")] == ["1.9", "1.10", "1.11"]
    assert [line.name for line in lines_between(until="1.6")] == ["1.5", "1.6"]
