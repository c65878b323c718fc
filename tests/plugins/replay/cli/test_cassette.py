"""`flowkit cassette` and `flowkit record`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowkit.testing.cassettes import cassette as bundled
from flowkit_mockserver import MockServer
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
from flowkit_replay.cassette.recording import Recording
from flowkit_replay.cli.cassette import cassette, record


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cassette, [str(argument) for argument in arguments])


def rows(*arguments: str | Path) -> Any:
    done = run(*arguments, "--json")
    return json.loads(done.stdout)


def interaction(
    body: str = "{}", answer: str = '{"retcode": 0, "retmsg": "success"}'
) -> Interaction:
    headers = {"Content-Type": "application/json"}
    uri = "http://127.0.0.1:9380/v1/tag/list"
    return Interaction("POST", uri, headers, body.encode(), 200, "OK", {}, answer.encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    files.write(path, [interaction(), interaction(), interaction('{"password": "hunter22"}')])
    return path


def test_ls_lists_what_is_a_cassette(path: Path) -> None:
    path.with_name("not.yaml").write_text("a: [1")
    found = rows("ls", path.parent)
    assert [(Path(row["cassette"]).name, row["interactions"]) for row in found] == [("one.yaml", 3)]


def test_show_lists_the_interactions(path: Path) -> None:
    assert [row["retcode"] for row in rows("show", path)] == [0, 0, 0]
    assert rows("show", path, "--bodies")[0]["request"] == "{}"
    assert "/v1/tag/list" in run("show", path).stdout


def test_stats_counts_by_path() -> None:
    found = rows("stats", bundled("tag.delete"))
    assert [(row["interactions"], row["failures"]) for row in found] == [(2, 1)]


def test_diff_tells_what_differs_and_exits_with_1(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "two.yaml"
    files.write(other, [interaction(answer='{"retcode": 0, "retmsg": "success", "data": 1}')])
    assert run("diff", path, path).exit_code == 0
    assert run("diff", path, other).exit_code == 1
    assert [row["tier"] for row in rows("diff", path, other)] == [
        "shape",
        "unrecorded",
        "unrecorded",
    ]


def test_verify_plays_against_the_mock() -> None:
    done = run("verify", bundled("tag.delete"), "--against", "mock")
    assert done.exit_code == 1
    assert "2 interactions compared, 1 drifted" in done.stderr
    assert run("verify", bundled("tag.query"), "--against", "mock").exit_code == 1


def test_verify_plays_against_an_address() -> None:
    with MockServer(port=0) as mock:
        done = run("verify", bundled("queue.clean"), "--against", mock.url)
    assert (done.exit_code, done.stderr) == (0, "1 interactions compared, 0 drifted\n")


def test_scrub_checks_and_takes_secrets_out(path: Path) -> None:
    assert run("scrub", path, "--check").exit_code == 1
    assert "hunter22" in path.read_text()
    assert run("scrub", path).exit_code == 0
    assert "hunter22" not in path.read_text()
    assert run("scrub", path, "--check").exit_code == 0


def test_prune_drops_by_path_and_repeats(path: Path) -> None:
    assert rows("prune", path, "--repeats") == [{"cassette": str(path), "before": 3, "after": 2}]
    assert rows("prune", path, "--drop", "tag/list")[0]["after"] == 0


def test_a_file_that_is_no_cassette_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no.yaml"
    path.write_text("- 1")
    done = run("show", path)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "is not a cassette" in done.stderr


PROGRAM = """
from flow_sdk.client import FlowClient

client = FlowClient("10.0.0.1", 9000, "v1")
print(client.tag.create("gold")["retmsg"])
print(FlowClient("10.0.0.1", 9000, "v1").tag.list()["data"])
"""


def test_record_runs_a_program_unchanged_and_keeps_what_it_was_answered(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    program.write_text(PROGRAM)
    with MockServer(port=0) as mock:
        asked = ["--url", mock.url, "--cassette", str(path), "--", sys.executable, str(program)]
        done = CliRunner().invoke(record, asked)
    assert done.exit_code == 0
    assert [one.path for one in files.read(path)] == ["/v1/model/tag/create", "/v1/model/tag/list"]


def test_record_ends_with_the_programs_exit_code(tmp_path: Path) -> None:
    asked = ["--url", "http://127.0.0.1:9", "--cassette", str(tmp_path / "x.yaml"), "--"]
    assert CliRunner().invoke(record, [*asked, sys.executable, "-c", "exit(7)"]).exit_code == 7
    missing = CliRunner().invoke(record, [*asked, "no-such-program"])
    assert "there is no program 'no-such-program'" in missing.stderr


FAMILY = """
import multiprocessing, subprocess, sys
from flowkit import FlowClient

def create(name):
    with FlowClient("10.0.0.1") as flow:
        flow.tag.create(name)

if len(sys.argv) > 1:
    create(sys.argv[1])
elif __name__ == "__main__":
    create("parent")
    subprocess.run([sys.executable, __file__, "child"], check=True)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(create, ["one", "two"])
    create("end")
"""


def recorded_tags(path: Path) -> list[str]:
    return [json.loads(one.read_request())["tag_name"] for one in files.read(path)]


def test_record_takes_in_what_all_processes_of_a_program_call(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    program.write_text(FAMILY)
    with MockServer(port=0) as mock:
        asked = ["--url", mock.url, "--cassette", str(path), "--json", "--", str(program)]
        done = CliRunner().invoke(record, asked)
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"cassette": str(path), "recorded": 5, "exit_code": 0}
    found = recorded_tags(path)
    assert (found[:2], set(found[2:4]), found[4:]) == (["parent", "child"], {"one", "two"}, ["end"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["program.py", "recorded.yaml"]


def test_record_plays_a_cassette_that_exists_unless_it_is_to_be_added_to(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    text = (
        "from flowkit import FlowClient\nwith FlowClient() as flow:\n    flow.tag.create('gold')\n"
    )
    program.write_text(text)
    with MockServer(port=0) as mock:
        asked = ["--url", mock.url, "--cassette", str(path)]
        CliRunner().invoke(record, [*asked, str(program)])
        again = CliRunner().invoke(record, [*asked, str(program)])
        assert (again.exit_code, recorded_tags(path)) == (0, ["gold"])
        assert "was played, nothing was recorded; --mode new_episodes adds to it" in again.stderr
        program.write_text(text + "    flow.tag.create('silver')\n")
        more = CliRunner().invoke(record, [*asked, "--mode", "new_episodes", str(program)])
    assert (more.exit_code, recorded_tags(path)) == (0, ["gold", "silver"])


def test_record_saves_what_was_recorded_before_the_program_was_killed(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    program.write_text(
        "import os\nfrom flowkit import FlowClient\n"
        "FlowClient().tag.create('gold')\nos.kill(os.getpid(), 9)\n"
    )
    with MockServer(port=0) as mock:
        asked = ["--url", mock.url, "--cassette", str(path), str(program)]
        done = CliRunner().invoke(record, asked)
    assert (done.exit_code, recorded_tags(path)) == (137, ["gold"])


def test_all_bundled_cassettes_can_be_verified_at_once() -> None:
    done = run("verify", "--bundled", "--tier", "value")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "165 interactions compared, 0 drifted" in done.stderr
    assert run("verify").exit_code == 2


def test_what_a_killed_recording_left_is_taken_in_before_a_cassette_is_changed(path: Path) -> None:
    recording = Recording(path)
    recording.append(interaction('{"password": "left1234"}'))
    assert "is being recorded by another" in run("scrub", path).stderr
    recording.close(keep=True)
    assert run("scrub", path).exit_code == 0
    assert len(files.read(path)) == 4
    assert [file.name for file in path.parent.iterdir()] == ["one.yaml"]
    assert "left1234" not in path.read_text()
