"""Logs: one event a call, one an attempt, structured, and without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, ManualClock, OperationError, Request, Response
from flowkit_logging import JsonFormatter, Logging, redacted


class Kept(logging.Handler):
    """Keeps the records it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def events(self, kind: str) -> list[logging.LogRecord]:
        return [record for record in self.records if record.event == kind]  # type: ignore[attr-defined]


@pytest.fixture
def log() -> Iterator[Kept]:
    logger, kept = logging.getLogger("flowkit"), Kept()
    before = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.DEBUG)
    yield kept
    logger.setLevel(before)
    logger.removeHandler(kept)


def client(*answers: Response | Exception) -> FlowClient:
    return FlowClient(plugins=[Logging(), Server(*answers)], clock=ManualClock())


def test_a_call_and_each_of_its_attempts_is_one_event(log: Kept) -> None:
    client(ConnectionFailed("refused", sent=False), envelope({})).tag.list()
    (call,) = log.events("call")
    first, second = log.events("attempt")
    assert (call.operation, call.http_status, call.retcode, call.attempt) == ("tag.list", 200, 0, 2)
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.error == "ConnectionFailed: refused"
    assert second.error is None
    assert call.call == first.call == second.call
    assert call.duration_ms >= second.duration_ms >= 0


def test_success_is_info_attempts_are_debug_and_failure_is_a_warning(log: Kept) -> None:
    flow = client(envelope({}), envelope(retcode=100, retmsg="no"), ConnectionFailed("gone"))
    flow.tag.list()
    with pytest.raises(OperationError):
        flow.tag.delete("x")
    with pytest.raises(ConnectionFailed):
        flow.tag.delete("x")
    levels = [record.levelname for record in log.events("call")]
    assert levels == ["INFO", "WARNING", "WARNING"]
    assert {record.levelname for record in log.events("attempt")} == {"DEBUG"}


def test_the_message_is_a_sentence(log: Kept) -> None:
    client(envelope({})).tag.list()
    (call,) = log.events("call")
    assert call.getMessage().startswith("tag.list: HTTP 200 from network, retcode 0 in ")


def test_secrets_are_hidden_in_arguments_headers_and_query(log: Kept) -> None:
    flow = client()
    request = Request(
        "POST",
        "http://flow",
        "/v1/data/upload",
        query="%7B%22file%22%3A%20%22a%22%2C%20%22password%22%3A%20%22hush%22%7D",
        headers={"Authorization": "Bearer hush", "Content-Type": "text/plain"},
    )
    arguments = {"address": {"user": "ann", "passwd": "hush"}, "hosts": [{"api_key": "hush"}]}
    flow.send("data.upload", arguments, request)
    (call,), (attempt,) = log.events("call"), log.events("attempt")
    assert "hush" not in str([vars(record) for record in log.records])
    assert call.arguments["address"] == {"user": "ann", "passwd": "***"}
    assert attempt.headers == {"Authorization": "***", "Content-Type": "text/plain"}
    assert "%22file%22" in call.url


def test_secrets_are_hidden_in_a_plain_query(log: Kept) -> None:
    flow = client()
    flow.send("tag.list", {}, Request("POST", "http://flow", "/x", query="a=1&access_token=hush"))
    (call,) = log.events("call")
    assert call.url == "http://flow/x?a=1&access_token=***"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("cannot reach mysql://ann:hush@db/x", "cannot reach mysql://ann:***@db/x"),
        ("sent Authorization: Bearer abc.def-1", "sent Authorization: Bearer ***"),
        ("password=hush; user=ann", "password=***; user=ann"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_hidden_in_texts(text: str, clean: str) -> None:
    assert redacted(text) == clean


def test_what_is_hidden_can_be_chosen(log: Kept) -> None:
    plugin = Logging(redact=lambda value: "gone")
    FlowClient(plugins=[plugin, Server()]).tag.query("private")
    (call,) = log.events("call")
    assert call.arguments == "gone"


def test_long_values_are_cut_off() -> None:
    assert redacted("x" * 5000).endswith("… (5000 characters)")


def test_the_json_formatter_writes_one_object_a_line(log: Kept) -> None:
    client(envelope({})).tag.list()
    (record,) = log.events("call")
    line = JsonFormatter().format(record)
    event = json.loads(line)
    assert "\n" not in line
    assert event["operation"] == "tag.list"
    assert event["arguments"] == {"limit": 10}
    assert event["level"] == "INFO"
    assert event["time"].endswith("Z")


def test_nothing_is_made_while_the_level_is_off(log: Kept) -> None:
    logging.getLogger("flowkit").setLevel(logging.ERROR)

    def never(value: object) -> object:
        raise AssertionError("redacted for nobody")

    flow = FlowClient(plugins=[Logging(redact=never), Server()])
    assert flow.tag.list().ok
    assert log.records == []


def test_a_body_that_is_still_streamed_is_left_alone(log: Kept) -> None:
    response = Response(200, {}, iter([b"one", b"two"]))
    flow = client(response)
    request = Request("GET", "http://flow", "/v1/job/log", download=True)
    _, answer = flow.open("job.log", {}, request)
    assert answer.streamed
    assert log.events("call")[0].bytes is None


@pytest.mark.parametrize("padding", [0, 5000])
def test_the_retcode_is_found_in_small_and_large_answers(log: Kept, padding: int) -> None:
    body = json.dumps(
        {"data": {"retcode": 7, "pad": "x" * padding}, "retcode": 101, "retmsg": "no"}
    )
    with pytest.raises(OperationError):
        client(Response(200, {}, body.encode())).tag.list()
    assert log.events("call")[0].retcode == 101
