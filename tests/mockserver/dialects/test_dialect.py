"""A dialect writes dates as its servers do."""

from __future__ import annotations

import time

from flowkit_mockserver.dialects import dialect_of

MOMENT = 1_622_541_784_017


def test_the_first_lines_label_local_time_gmt() -> None:
    expected = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.localtime(MOMENT // 1000))

    assert dialect_of("1.6.1").format_date(MOMENT) == expected
    assert dialect_of("1.6.1").format_date(None) is None


def test_the_later_lines_write_year_month_day() -> None:
    expected = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(MOMENT // 1000))

    assert dialect_of("1.11").format_date(MOMENT) == expected
