"""``flowkit <group> <operation>``: commands made from the table and the methods' signatures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from flowkit import OPERATIONS
from lines import listening, second_generation
from terminal import answer, run


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_every_operation_is_a_command_with_help(name: str) -> None:
    group, _, operation = name.partition(".")
    result = run(group, operation.replace("_", "-"), "--help")
    assert result.exit_code == 0, result.output
    assert "Endpoint: " in result.stdout


def test_the_answer_is_printed_as_json() -> None:
    server = Server(envelope([{"f_job_id": "1"}]))
    result = run("job", "query", "-j", "1", plugins=(server,))
    assert answer(result)["data"] == [{"f_job_id": "1"}]
    assert json.loads(server.requests[0].read()) == {"job_id": "1"}


def test_options_have_the_letters_of_the_official_command_line() -> None:
    server = Server()
    words = ["-j", "1", "-r", "guest", "-p", "9999", "-cpn", "hetero_lr_0"]
    answer(run("component", "metrics", *words, plugins=(server,)))
    assert json.loads(server.requests[0].read()) == {
        "job_id": "1",
        "role": "guest",
        "party_id": "9999",
        "component_name": "hetero_lr_0",
    }


def test_underscores_are_as_good_as_hyphens() -> None:
    server = Server()
    answer(
        run(
            "component",
            "get_summary",
            "--job_id=1",
            "--role=guest",
            "--party_id=1",
            "--component_name=a_0",
            plugins=(server,),
        )
    )
    assert server.requests[0].path == "/v1/tracking/component/summary/download"


@pytest.mark.parametrize(
    ("group", "official", "ours"),
    [
        ("job", "dsl", "generate-dsl"),
        ("model", "export", "export-model"),
        ("model", "import", "import-model"),
    ],
)
def test_official_names_of_commands_work(group: str, official: str, ours: str) -> None:
    assert run(group, official, "--help").stdout.startswith(f"Usage: flowkit {group}")
    assert ours in run(group, "--help").stdout


def test_a_missing_option_is_a_usage_error() -> None:
    result = run("job", "stop", plugins=(Server(),))
    assert result.exit_code == 2
    assert "Missing option '--job-id' / '-j'" in result.stderr


def test_names_are_separated_by_commas() -> None:
    server = Server(envelope({"model_id": "m", "model_version": "2"}))
    run(
        "model",
        "deploy",
        "--model-id",
        "m",
        "--model-version",
        "1",
        "--cpn-list",
        "reader_0, lr_0",
        plugins=(server,),
    )
    assert json.loads(server.requests[0].read())["cpn_list"] == ["reader_0", "lr_0"]


def test_switches_are_given_with_and_without_a_number(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,x\n1,2\n")
    conf = tmp_path / "conf.json"
    conf.write_text(
        json.dumps(
            {
                "file": "data.csv",
                "head": 1,
                "partition": 1,
                "namespace": "n",
                "table_name": "t",
                "work_mode": 0,
            }
        )
    )
    for words, expected in (((), "0"), (("--drop",), "1"), (("--drop", "1"), "1")):
        server = Server(envelope({"job_id": "1"}))
        answer(run("data", "upload", "-c", str(conf), *words, plugins=(server,)))
        assert f"%22drop%22%3A%20{expected}" in server.requests[0].query


def test_json_is_written_out_or_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "parameters.json"
    file.write_text('{"common": {"task_parallelism": 2}}')
    for value in (file.read_text(), f"@{file}"):
        server = Server(version="1.11.4")
        answer(
            run("job", "parameter-update", "-j", "1", "--job-parameters", value, plugins=(server,))
        )
        sent = json.loads(server.requests[0].read())
        assert sent["job_parameters"] == {"common": {"task_parallelism": 2}}


def test_wrong_json_is_refused_before_anything_is_sent() -> None:
    server = Server()
    result = run("job", "parameter-update", "-j", "1", "--job-parameters", "{", plugins=(server,))
    assert result.exit_code == 2
    assert "not JSON" in result.stderr
    assert not server.requests


def test_shared_options_may_stand_after_the_command() -> None:
    server = Server(envelope([{"f_job_id": "1", "f_status": "success"}]))
    result = run("job", "list", "--output", "table", "--url", "http://fate:1234", plugins=(server,))
    assert result.stdout.splitlines() == ["f_job_id\tf_status", "1\tsuccess"]
    assert server.requests[0].origin == "http://fate:1234"


def test_a_plugin_s_group_of_operations_gets_commands() -> None:
    from flowkit import Effect, Group, Operation, Reply, hookimpl

    class Resource(Group):
        """What the server has to give."""

        operations = (
            Operation("resource.query", "POST", "resource/query", Effect.READ, "Show it."),
        )

        def query(self, engine: str) -> Reply[object]:
            """Show the cores of an engine.

            Args:
                engine: the engine's name.
            """
            return self._call("resource.query", engine=engine)

    class Resources:
        @hookimpl
        def flowkit_operation_groups(self) -> dict[str, type[Group]]:
            return {"resource": Resource}

    server = Server(envelope({"cores": 20}))
    result = run("resource", "query", "--engine", "eggroll", plugins=(server, Resources()))
    assert answer(result)["data"] == {"cores": 20}


def test_fate_flow_2_is_named() -> None:
    with listening(second_generation("2.2.0")) as (port, _):
        result = run("--url", f"http://127.0.0.1:{port}", "job", "stop", "-j", "1")
    assert result.exit_code == 4
    assert "is FATE Flow 2.2.0: its API is another one than that of 1.x" in result.stderr


def test_a_server_that_is_no_line_is_refused() -> None:
    result = run("--server", "banana", "job", "list")
    assert result.exit_code == 2
    assert "server must be 'auto', a line or a version: 'banana' is no FATE Flow server" in (
        result.stderr
    )
