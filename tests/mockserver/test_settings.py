"""What a server is told when it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.settings import (
    Executor,
    Settings,
    check_together,
    parse_executor,
    parse_pace,
)


@pytest.mark.parametrize(
    ("value", "pace"),
    [("instant", 0.0), ("manual", "manual"), ("0.3", 0.3), (2, 2.0), (0.0, 0.0)],
)
def test_a_pace_is_a_word_or_seconds(value: str | float, pace: object) -> None:
    assert parse_pace(value) == pace


@pytest.mark.parametrize("value", ["fast", "-1", "nan", "inf", -0.5, "", 10**400])
def test_any_other_pace_is_refused(value: str | float) -> None:
    with pytest.raises(ValueError, match="pace must be"):
        parse_pace(value)


@pytest.mark.parametrize(
    ("text", "executor"),
    [
        ("thread", Executor()),
        ("processes", Executor("processes")),
        ("processes:2", Executor("processes", 2)),
        ("dask://10.0.0.1:8786", Executor("dask", address="10.0.0.1:8786")),
        ("dask://[::1]:8786", Executor("dask", address="[::1]:8786")),
    ],
)
def test_an_executor_is_named_by_a_text(text: str, executor: Executor) -> None:
    assert parse_executor(text) == executor
    assert str(executor) == text


@pytest.mark.parametrize(
    "text",
    ["", "fork", "processes:0", "processes:x", "dask", "dask://host", "dask:host:1", "dask://:1"],
)
def test_what_names_no_executor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="executor must be 'thread'"):
        parse_executor(text)


@pytest.mark.parametrize(
    ("settings", "line", "text"),
    [
        (Settings(data=Path("a"), database="sqlite:///b"), "1.6", "not in both"),
        (Settings(model_cache=Path("a"), database="sqlite:///b"), "1.6", "of one server alone"),
        (Settings(permissions=True), "1.6", "has no permission control"),
    ],
)
def test_some_choices_do_not_go_together(settings: Settings, line: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        check_together(settings, dialect_of(line))
