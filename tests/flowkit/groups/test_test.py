"""The toy job, and what its logs say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, FlowClient


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
