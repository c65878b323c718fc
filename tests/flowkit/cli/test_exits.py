"""Exit codes, and the one sentence on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import (
    ArchiveError,
    ArgumentError,
    CassetteError,
    ConnectionFailed,
    FlowError,
    JobFailed,
    OperationError,
    PluginError,
    Response,
    ServerError,
    TimedOut,
)
from flowkit.cli.exits import EXIT_CODES, ExitCode, exit_code
from terminal import run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JobFailed("1", "failed"), 1),
        (ArgumentError("no"), 2),
        (ConnectionFailed("no"), 3),
        (TimedOut("no"), 3),
        (ServerError("no"), 4),
        (ArchiveError("no"), 4),
        (CassetteError("no"), 5),
        (PluginError("no"), 5),
        (FlowError("no"), 5),
    ],
)
def test_every_kind_of_error_has_its_exit_code(error: FlowError, code: int) -> None:
    assert exit_code(error) == code


def test_every_exit_code_is_explained_in_the_help() -> None:
    text = run("--help").stdout
    assert set(EXIT_CODES) == set(ExitCode)
    for code, meaning in EXIT_CODES.items():
        assert f"{int(code)}  {meaning}" in text


def test_a_refusal_prints_the_answer_and_says_why() -> None:
    server = Server(envelope(retcode=102, retmsg="can not found job"))
    result = run("job", "stop", "-j", "7", plugins=(server,))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["retcode"] == 102
    assert result.stderr == "Error: job.stop: can not found job (retcode 102)\n"


def test_a_file_that_is_not_there_is_named_by_its_option(tmp_path: Path) -> None:
    result = run("job", "submit", "-c", str(tmp_path / "conf.json"), plugins=(Server(),))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --conf-path ")
    assert "Traceback" not in result.output


def test_a_server_that_is_not_there_is_named() -> None:
    result = run("--url", "http://127.0.0.1:1", "job", "list")
    assert result.exit_code == 3
    assert "http://127.0.0.1:1" in result.stderr


def test_an_answer_from_something_else_is_not_taken_for_one() -> None:
    page = Response(200, {"Content-Type": "text/html"}, b"<html>hello</html>")
    result = run("job", "list", plugins=(Server(page),))
    assert result.exit_code == 4
    assert "without FATE Flow's envelope" in result.stderr


def test_an_unknown_plugin_is_an_error_of_this_side() -> None:
    result = run("--plugin", "chache", "job", "list")
    assert result.exit_code == 5
    assert "no plugin is called 'chache'" in result.stderr


def test_what_each_party_said_follows_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = {"guest 9999": "max cores per job is 20", "host 10000": "no\n such table"}
    monkeypatch.setattr(OperationError, "reasons", reasons, raising=False)
    server = Server(envelope(retcode=100, retmsg="create job failed"))
    result = run("job", "stop", "-j", "7", plugins=(server,))
    assert result.stderr.splitlines()[1:] == [
        "  guest 9999: max cores per job is 20",
        "  host 10000: no such table",
    ]


def test_what_the_sentence_says_already_is_not_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OperationError, "reasons", {"guest 9999": "no such job"}, raising=False)
    server = Server(envelope(retcode=100, retmsg="failed: no such job"))
    result = run("job", "stop", "-j", "7", plugins=(server,))
    assert len(result.stderr.splitlines()) == 1
