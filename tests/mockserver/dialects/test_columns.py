"""The columns of rows by line."""

from __future__ import annotations

import pytest

from flowkit.servers import line_of
from flowkit_mockserver.dialects.columns import JOB, TASK, absent_columns, columns_without


@pytest.mark.parametrize(
    ("version", "absent"),
    [
        ("1.6.1", {"f_inheritance_info", "f_inheritance_status"}),
        ("1.7.0", {"f_work_mode", "f_inheritance_info", "f_inheritance_status"}),
        ("1.7.2", {"f_work_mode"}),
        ("1.11.2", {"f_work_mode"}),
    ],
)
def test_a_row_has_the_columns_of_its_version(version: str, absent: set[str]) -> None:
    assert set(absent_columns(JOB, line_of(version), version)) == absent


def test_columns_come_with_lines() -> None:
    versions = ("1.6.1", "1.8.0", "1.10.1", "1.11.2")
    counts = [len(absent_columns(TASK, line_of(version), version)) for version in versions]
    assert counts == [12, 5, 2, 0]


def test_columns_without_some_keep_their_order() -> None:
    assert list(columns_without({"b": 1, "a": 2, "c": 3}, ["a"])) == ["b", "c"]
