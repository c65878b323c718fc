"""Decoding: what is a reply, what a refusal, and what is not the protocol at all."""

from __future__ import annotations

import pickle

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, OperationError, Reply, Response, ServerError


def create_tag(answer: Response, **options: object) -> Reply[object]:
    flow = FlowClient("gate.example", 9380, plugins=[Server(answer)], **options)  # type: ignore[arg-type]
    return flow.tag.create("gold")


def test_a_refusal_raises_with_what_the_server_said() -> None:
    with pytest.raises(OperationError, match=r"tag.create: taken \(retcode 100\)") as caught:
        create_tag(envelope(retcode=100, retmsg="taken"))
    assert (caught.value.retcode, caught.value.operation) == (100, "tag.create")
    assert caught.value.reply["retmsg"] == "taken"


def test_a_refusal_carries_the_explanation_of_a_mock_server_as_a_note() -> None:
    refused = envelope(retcode=102, retmsg="can not found job")
    refused.headers["X-Flowkit-Hint"] = "no jobs yet, \x1b[2Jpassword=hunter2"
    with pytest.raises(OperationError) as caught:
        create_tag(refused)
    (note,) = caught.value.__notes__
    assert note.startswith("hint: no jobs yet, ?[2J")
    assert "hunter2" not in note
    assert str(caught.value) == "tag.create: can not found job (retcode 102)"
    assert pickle.loads(pickle.dumps(caught.value)).__notes__ == [note]


def test_a_refusal_is_a_reply_where_errors_are_replies() -> None:
    reply = create_tag(envelope(retcode=100, retmsg="taken"), on_error="reply")
    assert reply == {"retcode": 100, "retmsg": "taken"}
    assert not reply.ok


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (Response(200, {"Content-Type": "text/html"}, b"<html>"), "address of a FATE Flow server"),
        (Response(404, {}, b"not here"), "no such endpoint"),
        (Response(302, {"Location": "https://gate/"}, b""), "redirects to https://gate/"),
        (Response(200, {}, b'["a list"]'), "without FATE Flow's envelope"),
    ],
)
def test_what_is_not_the_protocol_is_a_server_error_with_a_hint(
    answer: Response, hint: str
) -> None:
    with pytest.raises(ServerError, match=r"gate\.example") as caught:
        create_tag(answer)
    assert hint in str(caught.value)
    assert caught.value.status == answer.status


def test_the_old_reply_to_what_is_not_json() -> None:
    reply = create_tag(Response(200, {}, b"oops"), on_error="reply")
    assert reply.retcode == 100
    assert reply.retmsg.startswith("Internal server error. Nothing in response.")
