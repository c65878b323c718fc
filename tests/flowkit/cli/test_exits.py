"""Exit codes, and the one sentence on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import (
    ArchiveError,
    ArgumentError,
    Call,
    CassetteError,
    ConnectionFailed,
    FlowError,
    JobFailed,
    PluginError,
    Request,
    Response,
    ServerError,
    TimedOut,
    hookimpl,
)
from flowkit.cli.exits import EXIT_CODES, ExitCode, exit_code
from flowkit_mockserver import MockServer
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
        assert f"{code:<3}  {meaning}" in text


def test_an_interrupted_command_does_not_end_as_a_refusal_does() -> None:
    class Impatient:
        @hookimpl
        def flowkit_send(self, call: Call, request: Request) -> Response:
            raise KeyboardInterrupt

    result = run("job", "list", plugins=(Impatient(),))
    assert (result.exit_code, result.stderr) == (130, "Interrupted\n")


def test_a_refusal_prints_the_answer_and_says_why() -> None:
    server = Server(envelope(retcode=102, retmsg="can not found job"))
    result = run("job", "stop", "-j", "7", plugins=(server,))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["retcode"] == 102
    assert result.stderr == "Error: job.stop: can not found job (retcode 102)\n"


def test_a_refusal_by_a_mock_server_prints_its_explanation() -> None:
    with MockServer(port=0) as mock:
        result = run("--url", mock.url, "job", "stop", "-j", "2026")
    assert result.exit_code == 1
    assert "hint: this server, or namespace, has no jobs yet" in result.stderr


def test_a_file_that_is_not_there_is_named_by_its_option(tmp_path: Path) -> None:
    result = run("job", "submit", "-c", str(tmp_path / "conf.json"), plugins=(Server(),))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --conf-path ")
    assert "Traceback" not in result.output


def test_a_variable_of_the_environment_is_not_taken_for_an_option() -> None:
    result = run("job", "list", FLOWKIT_TIMEOUT="soon")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: FLOWKIT_TIMEOUT must be seconds, or two with a comma between, got 'soon'\n"
    )


def test_a_setting_without_an_option_is_called_by_its_own_name() -> None:
    result = run("job", "list", FLOWKIT_CONNECTIONS="0")
    assert result.stderr == "Error: connections must be a number from 1 to 10000, got 0\n"


@pytest.mark.parametrize(
    "words", [("--url", "ftp://x", "job", "list"), ("job", "list", "--url", "ftp://x")]
)
def test_an_address_that_cannot_be_used_is_named_by_its_option(words: tuple[str, ...]) -> None:
    assert run(*words).stderr == (
        "Error: --url must be http://host[:port] or https://host[:port], got 'ftp://x'\n"
    )


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


def refused_by_parties(guest: str) -> Server:
    refusals = {
        "guest": {"9999": {"retcode": 100, "retmsg": guest}},
        "host": {"10000": {"retcode": 100, "retmsg": "no such table"}},
    }
    return Server(envelope(refusals, retcode=100, retmsg="create job failed"))


def test_what_each_party_said_stands_in_the_sentence() -> None:
    result = run("job", "stop", "-j", "7", plugins=(refused_by_parties("max cores is 20"),))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "guest/9999: max cores is 20" in line
    assert "host/10000: no such table" in line


def test_what_is_too_long_for_the_sentence_follows_it_whole() -> None:
    long = "x" * 1000
    result = run("job", "stop", "-j", "7", plugins=(refused_by_parties(long),))
    assert result.stderr.splitlines()[1:] == [f"  guest/9999: {long}"]
