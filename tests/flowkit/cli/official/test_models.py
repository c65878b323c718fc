"""Options for what is known of models."""

from __future__ import annotations

import json
from pathlib import Path

from fakes import Server, envelope
from terminal import run

INFO = ("model", "get-model-info", "--model-version", "1")
MERGE = ("component", "woe-array-merge", "--model-id", "m", "--model-version", "1", "-r", "host")


def test_without_detail_only_some_columns_are_asked_for() -> None:
    server = Server(envelope([]))
    run(*INFO, plugins=(server,))
    run(*INFO, "--detail", plugins=(server,))
    run(*INFO, "--query-filters", "tag", plugins=(server,))
    short, long, chosen = (json.loads(request.read()) for request in server.requests)
    assert short["query_filters"][:3] == ["create_date", "role", "party_id"]
    assert "query_filters" not in long
    assert chosen["query_filters"] == ["tag"]


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "woe.json").write_text("{")
    server = Server()
    words = (*MERGE, "-p", "1", "-cpn", "b_0", "-i", str(tmp_path / "woe.json"))
    result = run(*words, plugins=(server,))
    assert result.exit_code == 2
    assert "--input-path" in result.stderr
    assert "is not JSON" in result.stderr
    assert not server.requests
