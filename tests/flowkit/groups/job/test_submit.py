"""Deriving a prediction DSL from files."""

from __future__ import annotations

import json
from pathlib import Path

from fakes import Server, envelope
from flowkit import FlowClient


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
