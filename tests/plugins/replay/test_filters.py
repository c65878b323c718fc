"""Hooks: interactions are left out or rewritten, before recording and before playing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, CassetteError, FlowClient, Request
from flowkit_replay import Interaction, Replay
from flowkit_replay.cassette import files


def drop_lists(request: Request) -> Request | None:
    return None if request.path.endswith("/tag/list") else request


def mask_name(request: Request) -> Request:
    request.headers["X-Masked"] = "yes"
    body = json.loads(request.read())
    request.body = json.dumps({**body, "tag_name": "any"}).encode()
    return request


def rename(one: Interaction) -> Interaction:
    return replace(one, body=one.body.replace(b"gold", b"brass"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.yaml"


def record(path: Path, *names: str, **hooks: Any) -> Server:
    server = Server(lambda request: envelope({"name": "gold"}))
    with FlowClient(plugins=[Replay(path, **hooks), server]) as flow:
        for name in names:
            assert flow.tag.create(name).data == {"name": "gold"}
        flow.tag.list()
    return server


def test_a_request_that_is_left_out_is_neither_recorded_nor_played(path: Path) -> None:
    record(path, "gold", before_record_request=drop_lists)
    assert [one.path for one in files.read(path)] == ["/v1/model/tag/create"]
    server = Server(envelope({"live": True}))
    replay = Replay(path, "none", before_record_request=drop_lists)
    with FlowClient(plugins=[replay, server]) as flow:
        assert flow.tag.list().data == {"live": True}
        assert flow.tag.create("gold").data == {"name": "gold"}
    assert len(server.requests) == 1


def test_a_request_is_compared_and_recorded_as_it_was_rewritten_and_sent_as_it_is(
    path: Path,
) -> None:
    def mask(request: Request) -> Request | None:
        return mask_name(request) if request.path.endswith("create") else None

    server = record(path, "ann", before_record_request=mask)
    assert json.loads(server.requests[0].read())["tag_name"] == "ann"
    assert "X-Masked" not in server.requests[0].headers
    (one,) = files.read(path)
    assert json.loads(one.request_body)["tag_name"] == "any"
    assert one.request_headers["X-Masked"] == "yes"
    with FlowClient(plugins=[Replay(path, "none", before_record_request=mask)]) as flow:
        assert flow.tag.create("bob").data == {"name": "gold"}


def test_an_answer_is_recorded_as_it_was_rewritten_or_not_at_all(path: Path) -> None:
    def rewrite(one: Interaction) -> Interaction | None:
        return rename(one) if one.path.endswith("create") else None

    record(path, "gold", before_record_response=rewrite)
    (one,) = files.read(path)
    assert json.loads(one.body)["data"] == {"name": "brass"}


def test_a_hook_sees_no_secret_and_brings_none_in(path: Path) -> None:
    def leak(one: Interaction) -> Interaction:
        assert one.request_headers.get("APP_KEY", "<scrubbed>") == "<scrubbed>"
        return replace(one, body=b'{"retcode": 0, "password": "hunter22"}')

    record(path, before_record_response=leak)
    assert "hunter22" not in path.read_text()


def test_what_is_played_is_rewritten_or_left_out_and_the_file_stays(path: Path) -> None:
    record(path, "gold", "silver")
    before = path.read_text()

    def rewrite(one: Interaction) -> Interaction | None:
        one.headers["X-Played"] = ["yes"]
        return None if b"silver" in one.request_body else rename(one)

    with FlowClient(plugins=[Replay(path, "none", before_playback=rewrite)]) as flow:
        assert flow.tag.create("gold").data == {"name": "brass"}
        with pytest.raises(CassetteError, match="has no answer left"):
            flow.tag.create("silver")
    replay = Replay(path, "new_episodes", before_playback=rewrite)
    with FlowClient(plugins=[replay, Server(envelope({"name": "new"}))]) as flow:
        assert flow.tag.create("silver").data == {"name": "new"}
    assert path.read_text().startswith(before.removesuffix("version: 1\n"))


@pytest.mark.parametrize("name", ["before_record_request", "before_record_response"])
def test_a_hook_that_returns_something_else_is_named(path: Path, name: str) -> None:
    hooks: dict[str, Any] = {name: lambda one: one.uri if name.endswith("response") else "no"}
    with (
        FlowClient(plugins=[Replay(path, **hooks), Server()]) as flow,
        pytest.raises(ArgumentError, match=f"{name} must return .* or None, got str"),
    ):
        flow.tag.list()
