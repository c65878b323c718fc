"""`flowkit record`: any program, unchanged, all its processes, one server or several."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner

from flowkit_mockserver import MockServer
from flowkit_replay.cassette import files
from flowkit_replay.cli.record import record

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


def test_what_follows_the_program_is_its_own(tmp_path: Path) -> None:
    said = tmp_path / "said.json"
    program = f"import json, sys; json.dump(sys.argv[1:], open({str(said)!r}, 'w'))"
    options = ["--url", "http://its.own", "--json", "--cassette", "other", "--nosuch"]
    asked = ["--cassette", str(tmp_path / "x.yaml"), sys.executable, "-c", program, *options]
    done = CliRunner().invoke(record, asked)
    assert done.exit_code == 0
    assert json.loads(said.read_text()) == options
    mistyped = CliRunner().invoke(record, ["--casette", "x.yaml", "--", "program"])
    assert (mistyped.exit_code, "No such option" in mistyped.stderr) == (2, True)


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


TWO = """
import sys
from flowkit import FlowClient

for name, url in zip(sys.argv[1::2], sys.argv[2::2]):
    with FlowClient(url) as flow:
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == [name]
"""


def test_record_keeps_two_servers_apart_and_plays_each_ones_answers(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    program.write_text(TWO)
    with MockServer(port=0) as guest, MockServer(port=0) as host:
        for mock, name in ((guest, "gold"), (host, "silver")):
            with mock.client() as flow:
                flow.tag.create(name)
        servers = ["gold", guest.url, "silver", host.url]
        asked = ["--cassette", str(path), "--json", "--", str(program)]
        done = CliRunner().invoke(record, [*asked, *servers])
    assert done.exit_code == 0
    assert json.loads(done.stdout.splitlines()[-1])["recorded"] == 2
    origins = [one.uri.partition("/v1")[0] for one in files.read(path)]
    assert origins == servers[1::2]
    # Both servers are gone.
    played = CliRunner().invoke(record, [*asked, *servers[2:], *servers[:2]])
    assert played.exit_code == 0


def test_record_goes_on_behind_a_cut_file_only_when_it_is_to_add_to_it(tmp_path: Path) -> None:
    program, path = tmp_path / "program.py", tmp_path / "recorded.yaml"
    program.write_text(
        "import sys\nfrom flowkit import FlowClient\n"
        "with FlowClient() as flow:\n    flow.tag.create(sys.argv[1])\n"
    )
    with MockServer(port=0) as mock:
        asked = ["--url", mock.url, "--cassette", str(path)]
        CliRunner().invoke(record, [*asked, str(program), "gold"])
        path.write_text(path.read_text().removesuffix("version: 1\n"))
        refused = CliRunner().invoke(record, [*asked, str(program), "silver"])
        added = CliRunner().invoke(
            record, [*asked, "--mode", "new_episodes", str(program), "silver"]
        )
    assert refused.exit_code == 1
    assert "was cut off; 1 whole interactions are kept" in added.stderr
    assert recorded_tags(path) == ["gold", "silver"]
