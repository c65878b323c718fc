"""``-c``: arguments from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server
from terminal import run


@pytest.fixture
def server() -> Server:
    return Server()


def write(folder: Path, **fields: object) -> str:
    path = folder / "conf.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return str(path)


def test_an_option_counts_before_the_file(tmp_path: Path, server: Server) -> None:
    conf = write(tmp_path, engine="PATH", name="t", namespace="n", address={"path": "x"})
    result = run("table", "add", "-c", conf, "--name", "other", plugins=(server,))
    assert result.exit_code == 0, result.output
    assert json.loads(server.requests[0].read())["name"] == "other"


def test_a_field_that_is_none_of_the_operation_s_is_not_sent_and_told(
    tmp_path: Path, server: Server
) -> None:
    conf = write(tmp_path, src_party_id=9999, src_role="guest", privilege_role="all", note="mine")
    result = run("privilege", "grant", "-c", conf, plugins=(server,))
    assert result.stderr == "Note: note is no field of this operation; not sent.\n"
    assert json.loads(server.requests[0].read()) == {
        "src_party_id": "9999",
        "src_role": "guest",
        "privilege_role": "all",
    }


def test_what_is_in_neither_is_missing(tmp_path: Path, server: Server) -> None:
    result = run("table", "bind", "-c", write(tmp_path, engine="PATH"), plugins=(server,))
    assert result.exit_code == 2
    assert "--name is neither given nor in" in result.stderr
    assert not server.requests


def test_without_a_file_the_options_do(server: Server) -> None:
    words = ("--src-party-id", "9999", "--src-role", "guest", "--privilege-command", "stop")
    assert run("privilege", "grant", *words, plugins=(server,)).exit_code == 0
    result = run("privilege", "grant", plugins=(server,))
    assert result.exit_code == 2
    assert "--src-party-id is missing; -c takes a file of them" in result.stderr
