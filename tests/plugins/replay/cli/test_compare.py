"""`flowkit cassette diff` and `verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowkit.testing.cassettes import cassette as bundled
from flowkit_mockserver import MockServer
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
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


def test_diff_shows_what_differs_and_exits_with_1(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "two.yaml"
    files.write(other, [tag_list(answer='{"retcode": 0, "retmsg": "success", "data": 1}')])
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


def test_all_bundled_cassettes_can_be_verified_at_once() -> None:
    done = run("verify", "--bundled", "--tier", "value")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "165 interactions compared, 0 drifted" in done.stderr
    assert run("verify").exit_code == 2
