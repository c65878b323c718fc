"""Replies: a dict with typed access, and what counts as success."""

from __future__ import annotations

from fakes import Server, envelope
from flowkit import FlowClient, Reply, Response


def create_tag(answer: Response, **options: object) -> Reply[object]:
    flow = FlowClient("gate.example", 9380, plugins=[Server(answer)], **options)  # type: ignore[arg-type]
    return flow.tag.create("gold")


def test_a_reply_is_the_servers_dict() -> None:
    reply = create_tag(envelope({"a": 1}))
    assert reply == {"retcode": 0, "retmsg": "success", "data": {"a": 1}}
    assert (reply.retcode, reply.retmsg, reply.data, reply.meta) == (0, "success", {"a": 1}, None)


def test_the_job_id_is_found_on_top_or_in_the_data() -> None:
    assert Reply({"jobId": "1"}).job_id == "1"
    assert Reply({"data": {"job_id": "2"}}).job_id == "2"
    assert Reply({"data": [1]}).job_id == ""


def test_the_model_is_found_in_model_info_or_in_the_data() -> None:
    info = {"model_id": "m", "model_version": "v"}
    assert Reply({"data": {"model_info": info}}).model_version == "v"
    assert Reply({"data": info}).model_id == "m"


def test_a_sentence_as_retcode_is_success_when_the_message_says_so() -> None:
    assert create_tag(envelope(retcode="'gold' tag has been created successfully.")).ok
