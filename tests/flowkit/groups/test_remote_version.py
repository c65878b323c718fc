"""Versions come as plain texts."""

from __future__ import annotations

import json

import pytest

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, Retry


@pytest.mark.parametrize(
    ("method", "module"),
    [
        ("fate", "FATE"),
        ("fate_flow", "FATEFlow"),
        ("fate_board", "FATEBoard"),
        ("centos", "CENTOS"),
        ("ubuntu", "UBUNTU"),
        ("python", "PYTHON"),
        ("jdk", "JDK"),
        ("maven", "MAVEN"),
        ("eggroll", "EGGROLL"),
        ("spark", "SPARK"),
    ],
)
def test_versions_are_plain_text(method: str, module: str) -> None:
    server = Server(envelope({module: "1.2.3"}), envelope({module: None}))
    versions = FlowClient(plugins=[server]).remote_version
    assert getattr(versions, method)() == "1.2.3"
    assert getattr(versions, method)() is None
    assert json.loads(server.requests[0].read()) == {"module": module}


def test_the_version_of_the_api() -> None:
    server = Server(envelope({"FATE": "1.11.2", "API": "v1"}), envelope({"null": "1.6.1"}))
    versions = FlowClient(plugins=[server]).remote_version
    assert versions.api() == "v1"
    assert versions.api() is None


def test_a_version_without_a_server_is_none_where_replies_are_wanted() -> None:
    gone = Server(ConnectionFailed("refused", sent=False))
    flow = FlowClient(plugins=[gone], on_error="reply", retry=Retry(attempts=1))
    assert flow.remote_version.fate() is None
