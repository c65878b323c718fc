"""What plugins log is shown while a command runs."""

from __future__ import annotations

import logging

import pytest

from fakes import Server
from flowkit.cli.logs import showing_logs
from terminal import run


def test_the_plugin_logging_shows_each_call() -> None:
    result = run("--plugin", "logging", "job", "list", plugins=(Server(),))
    assert result.exit_code == 0, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("INFO job.list: HTTP 200")


def test_attempts_are_shown_when_asked_for() -> None:
    words = ("--plugin", "logging", "job", "list", "--log-level", "debug")
    levels = [line.split()[0] for line in run(*words, plugins=(Server(),)).stderr.splitlines()]
    assert levels == ["DEBUG", "INFO"]


def test_a_higher_level_shows_less() -> None:
    words = ("--plugin", "logging", "--log-level", "error", "job", "list")
    assert run(*words, plugins=(Server(),)).stderr == ""


def test_afterwards_the_logger_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("flowkit")
    before = logger.level, logger.propagate, list(logger.handlers)
    with showing_logs():
        logger.info("seen")
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
    assert capsys.readouterr().err == "INFO seen\n"
