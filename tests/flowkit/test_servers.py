"""The lines of servers: in order, found by any version, with the nearest named for what is none."""

from __future__ import annotations

import pytest

from flowkit.servers import LINES, find_line, line_of, lines_between


def test_lines_sort_by_number_and_not_by_letters() -> None:
    assert max(LINES).name == "1.11"
    assert line_of("1.9") < line_of("1.10") < line_of("1.11")


@pytest.mark.parametrize(
    ("text", "name"),
    [("1.11", "1.11"), ("1.11.2", "1.11"), ("v1.6.1", "1.6"), ("1.10.9", "1.10"), (" 1.5 ", "1.5")],
)
def test_a_line_is_found_by_its_name_or_a_version(text: str, name: str) -> None:
    assert line_of(text).name == name


@pytest.mark.parametrize(
    ("text", "nearest"), [("1.4", "1.5"), ("2.0.0", "1.11"), ("1.12", "1.11"), ("eleven", "1.")]
)
def test_what_is_no_line_is_refused_with_the_nearest(text: str, nearest: str) -> None:
    assert find_line(text) is None
    with pytest.raises(ValueError, match=rf"did you mean {nearest}"):
        line_of(text)


def test_lines_between_two_are_those_with_both() -> None:
    assert [line.name for line in lines_between("1.8", "1.10")] == ["1.8", "1.9", "1.10"]
    assert lines_between() == LINES


def test_each_version_belongs_to_one_line() -> None:
    versions = [version for line in LINES for version in line.fate]
    assert len(set(versions)) == len(versions)
    assert {"1.5.1", "1.6.1", "1.7.2", "1.8.0", "1.9.1", "1.10.0", "1.11.4"} <= set(versions)
