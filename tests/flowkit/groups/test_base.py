"""What every group is made of: bodies without what was not given, and one switch for errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, FlowClient, Group, Reply
from flowkit.groups.base import encode_json, error_reply


class Tags(Group):
    def make(self, **fields: Any) -> Reply[Any]:
        return self._call("tag.create", **fields)

    def show(self) -> Reply[Any]:
        return self._with_data("tag.list", {})


def test_what_was_not_given_is_not_sent() -> None:
    server = Server()
    Tags(FlowClient(plugins=[server])).make(tag_name="a", tag_desc=None)
    assert json.loads(server.requests[0].read()) == {"tag_name": "a"}


def test_every_public_method_honours_on_error() -> None:
    refusing = Server(envelope(retcode=100, retmsg="no"))
    assert Tags(FlowClient(plugins=[refusing], on_error="reply")).make().retmsg == "no"


def test_data_is_there_in_any_case() -> None:
    assert Tags(FlowClient(plugins=[Server(envelope())])).show().data == {}


def test_what_json_has_no_form_for_names_the_operation() -> None:
    with pytest.raises(ArgumentError, match=r"tag\.create: an argument cannot be sent as JSON"):
        encode_json("tag.create", {"a": float("nan")})


def test_an_error_as_a_reply() -> None:
    assert error_reply(ArgumentError("bad")) == {"retcode": 100, "retmsg": "bad"}
