"""`flowkit cassette`: look at cassettes, clean and prune them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowkit.testing.cassettes import cassette as bundled
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
from flowkit_replay.cassette.recording import Recording
from flowkit_replay.cli.cassette import cassette
from recorded import interaction


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cassette, [str(argument) for argument in arguments])


def rows(*arguments: str | Path) -> Any:
    done = run(*arguments, "--json")
    return json.loads(done.stdout)


def tag_list(body: str = "{}", answer: str = '{"retcode": 0, "retmsg": "success"}') -> Interaction:
    return interaction("/v1/tag/list", answer.encode(), request_body=body.encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "one.yaml"
    files.write(path, [tag_list(), tag_list(), tag_list('{"password": "hunter22"}')])
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


def test_scrub_checks_and_takes_secrets_out(path: Path) -> None:
    assert run("scrub", path, "--check").exit_code == 1
    assert "hunter22" in path.read_text()
    assert run("scrub", path).exit_code == 0
    assert "hunter22" not in path.read_text()
    assert run("scrub", path, "--check").exit_code == 0


def test_prune_drops_by_path_and_repeats(path: Path) -> None:
    assert rows("prune", path, "--repeats") == [{"cassette": str(path), "before": 3, "after": 2}]
    assert rows("prune", path, "--drop", "tag/list")[0]["after"] == 0


def test_a_file_that_is_no_cassette_is_reported_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no.yaml"
    path.write_text("- 1")
    done = run("show", path)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "is not a cassette" in done.stderr


def test_what_a_killed_recording_left_is_taken_in_before_a_cassette_is_changed(path: Path) -> None:
    recording = Recording(path)
    recording.append(tag_list('{"password": "left1234"}'))
    assert "is being recorded by another" in run("scrub", path).stderr
    recording.close(keep=True)
    assert run("scrub", path).exit_code == 0
    assert len(files.read(path)) == 4
    assert [file.name for file in path.parent.iterdir()] == ["one.yaml"]
    assert "left1234" not in path.read_text()


def test_scrub_finds_a_credential_that_shows_itself_only_later(path: Path) -> None:
    files.write(
        path, [tag_list(answer='{"data": "abc-DEF-123"}'), tag_list('{"token": "abc-DEF-123"}')]
    )
    assert run("scrub", path).exit_code == 0
    assert "abc-DEF-123" not in path.read_text()


def test_metadata_is_kept_and_loses_its_secrets(path: Path) -> None:
    extra = {"metadata": {"by": "Ada", "password": "hunter22", "at": "http://ada:pass1@h/"}}
    files.write(path, files.read(path), extra=extra)
    assert run("prune", path, "--repeats").exit_code == 0
    assert files.read(path).extra == extra
    assert run("scrub", path).exit_code == 0
    assert files.read(path).extra == {
        "metadata": {"by": "Ada", "password": "<scrubbed>", "at": "http://<scrubbed>@h/"}
    }
