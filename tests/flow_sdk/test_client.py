"""The drop-in name: the official SDK's usage, replies and spelling."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import flow_sdk
import flowkit
from fakes import Server, envelope
from flow_sdk.client import FlowClient
from flowkit import ArgumentError, CassetteError, Response, Retry


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_usage_of_the_guide(tmp_path: Path) -> None:
    for name in ("conf.json", "dsl.json"):
        (tmp_path / name).write_text("{}")
    conf_path, dsl_path = str(tmp_path / "conf.json"), str(tmp_path / "dsl.json")
    server = Server()
    client = FlowClient("127.0.0.1", 9000, "v1", plugins=[server])
    client.job.submit(conf_path, dsl_path)
    client.component.parameters(202106010203040506070, "guest", 9999, "hetero_lr_0")
    client.data.download(conf_path)
    client.task.list(limit=10)
    client.model.load(conf_path)
    client.tag.create("gold", "the best")
    client.table.info("flowkit", "loan")
    client.queue.clean()
    assert [
        request.url.removeprefix("http://127.0.0.1:9000/v1/") for request in server.requests
    ] == [
        "job/submit",
        "tracking/component/parameters",
        "data/download",
        "job/list/task",
        "model/load",
        "model/tag/create",
        "table/table_info",
        "job/clean/queue",
    ]


def test_nobody_at_the_address() -> None:
    client = FlowClient("127.0.0.1", free_port(), "v1", retry=Retry(attempts=1))
    expected = {
        "retcode": 100,
        "retmsg": "Connection refused, Please check if the fate flow service is started",
    }
    assert client.job.list() == expected
    assert client.job.log(7, "nowhere") == expected
    assert not Path("nowhere").exists()


def test_a_body_that_is_not_json() -> None:
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server(Response(500, {}, b"<html>"))])
    assert client.job.list() == {
        "retcode": 100,
        "retmsg": "Internal server error. Nothing in response. You may check out the configuration "
        "in 'FATE/conf/service_conf.yaml' and restart fate flow server.",
    }


def test_the_servers_refusal_is_the_reply() -> None:
    refusal = envelope(retcode=101, retmsg="find task failed")
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server(refusal)])
    assert client.task.query(job_id=7) == {"retcode": 101, "retmsg": "find task failed"}


def test_a_damaged_archive() -> None:
    headers = {"Content-Disposition": "attachment; filename=x.tar.gz"}
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server(Response(200, headers, b"rubbish"))])
    assert client.component.output_data(7, "guest", 1, "lr_0", "nowhere") == {
        "retcode": 100,
        "retmsg": "download failed, please check if the parameters are correct",
    }


def test_a_bad_argument_is_a_reply_too() -> None:
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server()])
    reply = client.job.submit("nosuch.json")
    assert reply["retcode"] == 100
    assert "does not exist" in reply["retmsg"]


def test_so_is_a_gap_in_a_cassette() -> None:
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server(CassetteError("no such request"))])
    assert client.job.list() == {"retcode": 100, "retmsg": "no such request"}


def test_a_reply_is_a_plain_dict_to_its_reader() -> None:
    client = FlowClient("127.0.0.1", 1, "v1", plugins=[Server(envelope({"a": 1}))])
    reply = client.job.list()
    assert json.loads(json.dumps(reply)) == {"retcode": 0, "retmsg": "success", "data": {"a": 1}}


def test_exceptions_can_be_had() -> None:
    with pytest.raises(ArgumentError):
        FlowClient("127.0.0.1", 1, "v1", on_error="raise").job.stop(None)  # type: ignore[arg-type]


def test_both_spellings_of_privilege() -> None:
    client = FlowClient("127.0.0.1", 9380, "v1")
    assert client.priviledge is client.privilege


def test_it_is_flowkits_client() -> None:
    client = FlowClient("127.0.0.1", 9380, "v1", app_key=None, secret_key=None)
    assert isinstance(client, flowkit.FlowClient)
    assert (client.ip, client.port, client.version) == ("127.0.0.1", 9380, "v1")


@pytest.mark.parametrize(
    ("version", "warns"), [("1.11.3", True), ("1.6.1", True), ("2.2.0", False)]
)
def test_a_second_provider_of_the_name_is_told(
    monkeypatch: pytest.MonkeyPatch, version: str, warns: bool, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    importlib.reload(flow_sdk)
    assert [str(warning.message).partition(",")[0] for warning in recwarn] == (
        ["two installed distributions provide the package flow_sdk"] if warns else []
    )


def test_the_check_costs_flowkit_nothing() -> None:
    code = "import flowkit, sys; print('flow_sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
