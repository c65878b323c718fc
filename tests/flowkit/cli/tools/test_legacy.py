"""``flowkit legacy``: beyond the lines that test_lines types."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

from fakes import Server, envelope
from terminal import run


def test_options_count_before_the_configuration(tmp_path: Path) -> None:
    conf = tmp_path / "conf.json"
    conf.write_text(json.dumps({"namespace": "n", "table_name": "t", "engine": "x"}))
    server = Server(envelope({}))
    result = run("legacy", "-f", "table_info", "-c", str(conf), "-t", "other", plugins=(server,))
    assert result.exit_code == 0, result.output
    assert json.loads(server.requests[0].read()) == {"namespace": "n", "table_name": "other"}
    assert result.stderr == "Note: engine is no field of this operation; not sent.\n"


def test_a_file_lies_beside_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,x\n1,2\n")
    conf = tmp_path / "conf.json"
    conf.write_text(json.dumps({"file": "data.csv", "head": 1, "namespace": "n"}))
    server = Server(envelope({}))
    for given, sent in (("1", 1), ("2", 0)):
        result = run("legacy", "-f", "upload", "-c", str(conf), "-drop", given, plugins=(server,))
        assert result.exit_code == 0, result.output
        assert json.loads(unquote(server.requests[-1].query))["drop"] == sent


def test_who_submits_is_a_field_of_its_own(tmp_path: Path) -> None:
    conf = tmp_path / "conf.json"
    conf.write_text(json.dumps({"role": {"guest": [9999]}}))
    server = Server(envelope({}))
    run(
        "legacy",
        "-f",
        "submit_job",
        "-c",
        str(conf),
        "-r",
        "guest",
        "-p",
        "9999",
        plugins=(server,),
    )
    sent = json.loads(server.requests[0].read())["job_runtime_conf"]
    assert sent["role"] == {"guest": [9999]}
    assert sent["local"] == {"role": "guest", "party_id": "9999"}


def test_a_day_of_metrics_is_called_model() -> None:
    server = Server(envelope({}))
    run("legacy", "-f", "component_metric_delete", "-m", "20210601", plugins=(server,))
    assert json.loads(server.requests[0].read()) == {"model": 20210601}


def test_what_is_missing_is_named() -> None:
    server = Server()
    result = run("legacy", "-f", "stop_job", plugins=(server,))
    assert result.exit_code == 2
    assert "--job_id is missing" in result.stderr
    result = run("legacy", "-f", "submit_job", plugins=(server,))
    assert result.exit_code == 2
    assert "config is missing" in result.stderr
    assert not server.requests


def test_an_unknown_function_is_a_usage_error() -> None:
    assert run("legacy", "-f", "fly").exit_code == 2
