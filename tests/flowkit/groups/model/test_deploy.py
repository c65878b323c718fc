"""Files for a serving system are sent along."""

from __future__ import annotations

import json
from pathlib import Path

from fakes import Server
from flowkit import FlowClient


def test_a_file_for_the_serving_system_is_sent_along(tmp_path: Path) -> None:
    (tmp_path / "kube.yaml").write_text("apiVersion: v1")
    conf = tmp_path / "deploy.json"
    conf.write_text('{"deployment_parameters": {"config_file": "kube.yaml", "namespace": "n"}}')
    server = Server(version="1.11.4")
    FlowClient(plugins=[server]).model.homo_deploy(conf)
    assert json.loads(server.requests[0].read()) == {
        "deployment_parameters": {"config_file_content": "apiVersion: v1", "namespace": "n"}
    }


def test_callers_keep_their_mappings(tmp_path: Path) -> None:
    (tmp_path / "kube.yaml").write_text("x")
    conf = {"party_id": 1, "deployment_parameters": {"config_file": str(tmp_path / "kube.yaml")}}
    before = json.dumps(conf)
    FlowClient(plugins=[Server(version="1.11.4")]).model.homo_deploy(conf)
    assert json.dumps(conf) == before
