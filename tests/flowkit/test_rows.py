"""Rows and their dates: the same values from the answers of every line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowkit import Reply
from flowkit.rows import Row, parse_date, rows_of, total_of

OLD = {
    "f_job_id": "202106010203040506070",
    "f_role": "guest",
    "f_party_id": "9999",
    "f_status": "success",
    "f_progress": 100,
    "f_create_time": 1622512984011,
    "f_create_date": "Tue, 01 Jun 2021 10:03:04 GMT",
    "f_end_time": None,
    "f_elapsed": 61000,
}
#: The same row as `job/list/job` of 1.7.2 and later has it.
PAGED = {
    "job_id": "202106010203040506070",
    "role": "guest",
    "party_id": 9999,
    "status": "success",
    "progress": 100,
    "create_time": 1622512984011,
    "create_date": "2021-06-01 10:03:04",
    "end_time": None,
    "elapsed": 61000,
}


@pytest.mark.parametrize(
    "data", [[OLD], {"jobs": [PAGED], "count": 1}, {"tasks": [PAGED], "count": 1}]
)
def test_a_row_is_the_same_from_every_line(data: Any) -> None:
    (row,) = Reply({"retcode": 0, "data": data}).rows
    assert (row.job_id, row.role, row.party_id) == ("202106010203040506070", "guest", "9999")
    assert (row.status, row.progress, row["f_status"]) == ("success", 100, "success")
    assert row.created == datetime(2021, 6, 1, 2, 3, 4, 11000, UTC)
    assert row.date("f_create_date") == datetime(2021, 6, 1, 10, 3, 4)
    assert (row.ended, row.elapsed) == (None, timedelta(seconds=61))


def test_the_raw_answer_stays_as_it_was() -> None:
    reply: Reply[Any] = Reply({"retcode": 0, "data": {"jobs": [PAGED], "count": 7}})
    assert len(reply.rows) == 1
    assert reply.count == 7
    assert reply.data["jobs"][0]["party_id"] == 9999


@pytest.mark.parametrize("data", [None, {}, [], "text", {"tags": []}, {"jobs": 3, "count": 0}])
def test_an_answer_without_rows_has_none(data: Any) -> None:
    assert rows_of(data) == []
    assert total_of(data) == 0


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2026-11-27 20:42:05", datetime(2026, 11, 27, 20, 42, 5)),
        ("Fri, 27 Nov 2026 20:42:05 GMT", datetime(2026, 11, 27, 20, 42, 5)),
        (1795812125000, datetime(2026, 11, 27, 20, 42, 5, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_dates_of_every_form(value: Any, date: datetime | None) -> None:
    assert parse_date(value) == date


@pytest.mark.parametrize("value", ["soon", "2026-99-01"])
def test_what_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"date|month"):
        parse_date(value)


def test_a_column_that_is_missing_is_empty() -> None:
    row = Row()
    assert (row.job_id, row.component_name, row.progress, row.started) == ("", "", 0, None)
    assert (row.updated, row.elapsed) == (None, None)


def test_a_row_of_a_task_says_what_it_is_and_how_far_this_party_is() -> None:
    row = Row(
        f_role="host",
        f_party_id=10000,
        f_component_module="HeteroLR",
        f_status="running",
        f_party_status="success",
    )
    assert (row.party, row.module, row.status, row.party_status) == (
        "host/10000", "HeteroLR", "running", "success"
    )  # fmt: skip
    assert (Row().module, Row().party_status) == ("", "")


@pytest.mark.parametrize(
    ("attribute", "column", "value"),
    [
        ("progress", "f_progress", "soon"),
        ("progress", "f_progress", float("inf")),
        ("elapsed", "f_elapsed", []),
        ("elapsed", "f_elapsed", 10**300),
        ("started", "f_start_time", {}),
        ("started", "f_start_time", 10**300),
        ("started", "f_start_time", "soon"),
    ],
)
def test_what_no_server_sends_in_a_column_is_named(
    attribute: str, column: str, value: object
) -> None:
    with pytest.raises(ValueError, match=f"{column} must be"):
        getattr(Row({column: value}), attribute)
