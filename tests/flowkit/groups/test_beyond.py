"""Methods that do more than send: summaries, versions, the toy job, files to inline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, ConnectionFailed, FlowClient, OperationError, Retry

FOUR = (7, "guest", 9999, "lr_0")


def test_a_summary_that_there_is() -> None:
    flow = FlowClient(plugins=[Server(envelope({"auc": 0.9}))])
    assert flow.component.get_summary(*FOUR).data == {"auc": 0.9}


@pytest.mark.parametrize("empty", [None, {}, []])
def test_a_summary_without_data_has_some(empty: Any) -> None:
    flow = FlowClient(plugins=[Server(envelope(empty))])
    assert flow.component.get_summary(*FOUR) == {"retcode": 0, "retmsg": "success", "data": {}}
    assert flow.job.generate_dsl({}, cpn_list=["a"]).data == {}


def test_a_summary_that_there_is_not() -> None:
    miss = envelope(retcode=210, retmsg="No component summary found", status=210)
    with pytest.raises(OperationError) as caught:
        FlowClient(plugins=[Server(miss)]).component.get_summary(*FOUR)
    assert caught.value.retcode == 210
    flow = FlowClient(plugins=[Server(miss)], on_error="reply")
    assert flow.component.get_summary(*FOUR) == {
        "retcode": 210,
        "retmsg": "No component summary found",
        "data": {},
    }


def test_the_components_of_a_dsl_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "cpn.txt").write_text("[a_0,\n b_0]")
    (tmp_path / "dsl.json").write_text('{\n "components": {}\n}')
    server = Server(envelope({}))
    FlowClient(plugins=[server]).job.generate_dsl(tmp_path / "dsl.json", tmp_path / "cpn.txt")
    assert json.loads(server.requests[0].read()) == {
        "cpn_str": "[a_0,\n b_0]",
        "train_dsl": '{\n "components": {}\n}',
        "version": "2",
    }


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


@pytest.mark.parametrize(("line", "work_mode"), [("1.6", {"work_mode": 0}), ("1.11", {})])
def test_the_toy_job(line: str, work_mode: dict[str, int]) -> None:
    server = Server(envelope({"job_id": "7"}))
    FlowClient(plugins=[server], server=line).test.toy("9999", 10000, "alice", task_cores=4)
    sent = json.loads(server.requests[0].read())
    conf = sent["job_runtime_conf"]
    assert sent["job_dsl"] == {
        "components": {"secure_add_example_0": {"module": "SecureAddExample"}}
    }
    assert conf["initiator"] == {"role": "guest", "party_id": 9999}
    assert conf["role"] == {"guest": [9999], "host": [10000]}
    assert conf["job_parameters"]["common"] == {"task_cores": 4, **work_mode}
    assert conf["job_parameters"]["role"]["guest"] == {"0": {"user": "alice"}}
    assert conf["component_parameters"]["role"]["host"] == {
        "0": {"secure_add_example_0": {"seed": 321}}
    }


def test_the_outcome_of_the_toy_job_is_in_its_logs(tmp_path: Path) -> None:
    logs = tmp_path / "guest" / "9999"
    logs.mkdir(parents=True)
    (logs / "INFO.log").write_text("start\n secure_add_guest: success to calculate\nend\n")
    (logs / "ERROR.log").write_text("no link\n")
    toy = FlowClient().test
    assert list(toy.check_toy(9999, "success", tmp_path)) == [
        "secure_add_guest: success to calculate"
    ]
    assert list(toy.check_toy("9999", "failed", tmp_path)) == ["no link"]
    with pytest.raises(ArgumentError, match="log_dir holds no"):
        toy.check_toy(1, "success", tmp_path)


def test_a_file_for_the_serving_system_is_sent_along(tmp_path: Path) -> None:
    (tmp_path / "kube.yaml").write_text("apiVersion: v1")
    conf = tmp_path / "deploy.json"
    conf.write_text('{"deployment_parameters": {"config_file": "kube.yaml", "namespace": "n"}}')
    server = Server()
    FlowClient(plugins=[server]).model.homo_deploy(conf)
    assert json.loads(server.requests[0].read()) == {
        "deployment_parameters": {"config_file_content": "apiVersion: v1", "namespace": "n"}
    }


def test_callers_keep_their_mappings(tmp_path: Path) -> None:
    (tmp_path / "kube.yaml").write_text("x")
    conf = {"party_id": 1, "deployment_parameters": {"config_file": str(tmp_path / "kube.yaml")}}
    before = json.dumps(conf)
    FlowClient(plugins=[Server()]).model.homo_deploy(conf)
    assert json.dumps(conf) == before
