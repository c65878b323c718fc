"""Dates in rows and logs are those of the server's own clock."""

from __future__ import annotations

import time

import pytest

from flowkit_mockserver.jobs.dates import log_time, milliseconds, row_date

MOMENT = 1_622_541_784_017


def test_a_date_is_local_time_labelled_gmt() -> None:
    expected = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.localtime(MOMENT // 1000))

    assert row_date(MOMENT) == expected
    assert row_date(None) is None


def test_a_line_of_a_log_bears_milliseconds() -> None:
    assert log_time(MOMENT).endswith(",017")


def test_the_end_of_a_range_may_be_a_text() -> None:
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(MOMENT // 1000))

    assert milliseconds(text) == MOMENT // 1000 * 1000
    assert milliseconds(12) == 12
    with pytest.raises(ValueError, match="does not match"):
        milliseconds("yesterday")
