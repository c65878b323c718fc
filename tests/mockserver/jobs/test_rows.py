"""Rows show dates of the server's own clock."""

from __future__ import annotations

import time

from flowkit_mockserver.jobs.rows import row_date

MOMENT = 1_622_541_784_017


def test_a_date_is_local_time_labelled_gmt() -> None:
    expected = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.localtime(MOMENT // 1000))

    assert row_date(MOMENT) == expected
    assert row_date(None) is None
