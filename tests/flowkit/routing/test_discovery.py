"""Finding out which line a server is of: asked once, recognised when it hides, named when it is another API."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import (
    ArgumentError,
    Call,
    ConnectionFailed,
    FlowClient,
    ManualClock,
    OperationError,
    Request,
    Response,
    ServerError,
    UnsupportedServer,
    hookimpl,
)
from flowkit.routing.discovery import QUESTION
from lines import Answers, hidden, listening, second_generation, telling


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("1.5.3", "1.5"),
        ("1.6.1", "1.6"),
        ("1.7.2", "1.7"),
        ("1.8.0", "1.8"),
        ("1.9.2", "1.9"),
        ("1.10.0", "1.10"),
        ("1.11.4", "1.11"),
        ("1.14.0", "1.11"),  # newer than known: the nearest
        ("1.4.2", "1.5"),
    ],
)
def test_a_server_says_its_version(version: str, line: str) -> None:
    with listening(telling(version)) as (port, asked), FlowClient("127.0.0.1", port) as flow:
        assert flow.server_line().name == line
        assert (flow.discover().version, flow.discover().how) == (version, "asked")
        assert asked == ["POST /v1/version/get"]


def test_it_is_asked_once_for_an_address_and_only_when_it_matters() -> None:
    with listening(telling("1.9.0")) as (port, asked):
        for _ in range(2):
            with FlowClient("127.0.0.1", port) as flow:
                flow.job.query("1")
                flow.privilege.query(10000)
    assert asked == [
        "POST /v1/job/query",
        "POST /v1/version/get",
        "POST /v1/permission/query",
        "POST /v1/job/query",
        "POST /v1/permission/query",
    ]


def test_a_server_that_was_said_is_not_asked() -> None:
    with (
        listening(telling("1.9.0")) as (port, asked),
        FlowClient("127.0.0.1", port, server="1.8.0") as flow,
    ):
        flow.privilege.query(10000, "guest")
    assert asked == ["POST /v1/permission/query/privilege"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_child_knows_what_its_parent_found_out() -> None:
    with listening(telling("1.10.0")) as (port, asked), FlowClient("127.0.0.1", port) as flow:
        flow.server_line()
        child = os.fork()
        if child == 0:
            os._exit(0 if flow.server_line().name == "1.10" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert asked == ["POST /v1/version/get"]


MARKED = [
    (hidden("job/query"), "1.6"),
    (hidden("job/query", "job/log/path"), "1.8"),
    (hidden("job/query", "job/log/path", "permission/query", json_errors=True), "1.9"),
    (hidden("job/query", "permission/query", "info/common", json_errors=True), "1.10"),
    (hidden("permission/query", "model/query/detail", json_errors=True), "1.11"),
]


@pytest.mark.parametrize(("answers", "line"), MARKED)
def test_a_server_that_hides_its_version_is_recognised(
    answers: Answers, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flowkit.servers")
    with listening(answers) as (port, _), FlowClient("127.0.0.1", port) as flow:
        assert (flow.server_line().name, flow.discover().how) == (line, "recognised")
        told = f"http://127.0.0.1:{port} hides its version and answers like line {line}"
        assert told in caplog.text


def test_the_log_says_what_was_found(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flowkit.servers")
    with listening(telling("1.11.4")) as (port, _), FlowClient("127.0.0.1", port) as flow:
        flow.server_line()
    told = f"http://127.0.0.1:{port} is FATE 1.11.4: flowkit speaks to it as to line 1.11"
    assert told in caplog.text


def test_a_server_that_was_exchanged_is_asked_again() -> None:
    version = ["1.8.0"]

    def answers(method: str, path: str, body: bytes) -> tuple[int, object]:
        if path == "/v1/permission/query/privilege" and version == ["1.11.4"]:
            return 200, {"retcode": 100, "retmsg": "<NotFound '404: Not Found'>"}
        return telling(version[0])(method, path, body)

    with listening(answers) as (port, asked), FlowClient("127.0.0.1", port) as flow:
        flow.privilege.query(10000, "guest")
        version[0] = "1.11.4"
        with pytest.raises(OperationError, match="NotFound"):
            flow.privilege.query(10000, "guest")
        flow.privilege.query(10000)
    assert asked[-2:] == ["POST /v1/version/get", "POST /v1/permission/query"]


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with listening(telling("1.6.1")) as (port, _):
        pass
    with FlowClient("127.0.0.1", port) as flow, pytest.raises(ConnectionFailed, match="refused"):
        flow.job.log("1", "out")


def test_trouble_that_passes_is_not_taken_for_an_answer() -> None:
    answers = [ConnectionFailed("broke off"), envelope({"FATE": "1.9.0"})]
    flow = FlowClient(plugins=[Passing(answers)])
    assert [flow.discover().how for _ in range(3)] == ["assumed", "asked", "asked"]


class Passing:
    """What fails once, and answers then."""

    name = "passing"

    def __init__(self, answers: list[Response | Exception]) -> None:
        self.answers = answers

    @hookimpl(tryfirst=True)
    def flowkit_send(self, call: Call, request: Request) -> Response:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_the_question_is_repeated_like_any_read() -> None:
    busy = [True]

    def answers(method: str, path: str, body: bytes) -> tuple[int, object]:
        if busy:
            busy.clear()
            return 503, "<title>busy</title>"
        return telling("1.9.0")(method, path, body)

    with (
        listening(answers) as (port, asked),
        FlowClient("127.0.0.1", port, clock=ManualClock()) as flow,
    ):
        assert flow.server_line().name == "1.9"
        assert asked == ["POST /v1/version/get"] * 2


def test_unsigned_questions_say_nothing() -> None:
    refused = envelope(retcode=109, retmsg="requirement headers parameters: ['TIMESTAMP']")
    flow = FlowClient(plugins=[Passing([refused, refused])])
    assert (flow.server_line().name, flow.discover().how) == ("1.11", "assumed")


class TestCassettes:
    """What is recorded has the question in it; what has not, plays."""

    def test_a_recording_holds_the_question_even_when_the_answer_is_known(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "kept.yaml"
        with listening(telling("1.9.0")) as (port, asked), FlowClient("127.0.0.1", port) as flow:
            flow.server_line()
            with flow.recording(path):
                flow.privilege.query(10000)
            assert asked.count("POST /v1/version/get") == 2
        with FlowClient("127.0.0.1", port) as flow, flow.cassette(path, "none"):
            flow.privilege.query(10000)
            assert flow.server_line().name == "1.9"

    @pytest.mark.parametrize("line", ["1.6", "1.11"])
    def test_a_cassette_without_the_question_plays(self, line: str, tmp_path: Path) -> None:
        path = tmp_path / "old.yaml"
        with (
            listening(telling("any")) as (port, asked),
            FlowClient("127.0.0.1", port, server=line) as flow,
            flow.recording(path),
            pytest.raises(ServerError),
        ):
            flow.job.log("1", tmp_path / "logs")
        assert len(asked) == 1
        with (
            FlowClient("127.0.0.1", port) as flow,
            flow.cassette(path, "none"),
            pytest.raises(ServerError),
        ):
            flow.job.log("1", tmp_path / "logs")

    def test_the_question_is_not_what_a_program_asks(self) -> None:
        server = Server(envelope({"FATE": "1.6.1"}))
        FlowClient(plugins=[server]).remote_version.fate()
        assert server.requests[0].body != QUESTION


class TestSecondGeneration:
    """FATE Flow 2.x is recognised, and named."""

    def test_its_version_is_in_the_error(self) -> None:
        with (
            listening(second_generation()) as (port, asked),
            FlowClient("127.0.0.1", port) as flow,
            pytest.raises(UnsupportedServer) as caught,
        ):
            flow.job.stop("1")
        assert caught.value.version == "2.2.0"
        assert str(caught.value) == (
            f"http://127.0.0.1:{port} is FATE Flow 2.2.0: its API is another one than that of 1.x, "
            "which flowkit speaks. Use its own client, fate-client 2.2.0"
        )
        assert caught.value.operation == "job.stop"
        assert asked == ["POST /v1/job/stop", "GET /v2/server/fateflow"]

    def test_it_is_named_where_a_file_was_expected(self, tmp_path: Path) -> None:
        with (
            listening(second_generation("2.1.0")) as (port, _),
            FlowClient("127.0.0.1", port) as flow,
            pytest.raises(UnsupportedServer, match=r"FATE Flow 2\.1\.0"),
        ):
            flow.component.output_data("1", "guest", 9999, "lr_0", tmp_path)

    def test_nothing_is_sent_where_the_line_matters(self) -> None:
        with (
            listening(second_generation()) as (port, asked),
            FlowClient("127.0.0.1", port) as flow,
            pytest.raises(UnsupportedServer, match=r"FATE Flow 2\.2\.0"),
        ):
            flow.privilege.grant(10000, component="reader")
        assert asked == ["POST /v1/version/get", "GET /v2/server/fateflow"]

    def test_the_drop_in_says_so_where_the_official_sdk_says_internal_error(self) -> None:
        from flow_sdk.client import FlowClient as Compatible

        with listening(second_generation()) as (port, _):
            reply = Compatible("127.0.0.1", port, "v1").job.query(job_id="1")
        assert reply["retcode"] == 100
        assert "is FATE Flow 2.2.0" in reply["retmsg"]

    @pytest.mark.parametrize("version", ["v2", "v9", "", "1"])
    def test_only_the_api_v1_is_spoken(self, version: str) -> None:
        with pytest.raises(ArgumentError, match="version must be 'v1'"):
            FlowClient(version=version)


@pytest.mark.parametrize(
    ("server", "nearest"), [("banana", ""), ("1.12", "1.11"), ("1.4.2", "1.5"), ("2.2.0", "1.11")]
)
def test_what_is_no_line_is_refused_with_the_nearest(server: str, nearest: str) -> None:
    with pytest.raises(
        ArgumentError, match=f"server must be 'auto', a line or a version.*{nearest}"
    ):
        FlowClient(server=server)
