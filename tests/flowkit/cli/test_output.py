"""Answers as JSON and as tables."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowkit.cli.output import write_reply

CASSETTES = Path(__file__).parents[3] / "cassettes" / "operations"


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_json_is_one_line_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    reply = {"retcode": 0, "data": {"name": "größe"}}
    write_reply(reply)
    text = printed(capsys)
    assert text.count("\n") == 1
    assert "größe" in text
    assert json.loads(text) == reply


def test_rows_become_a_table_without_what_no_cell_can_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"name": "a", "count": 1, "nested": {}}, {"name": "b", "count": None, "empty": ""}]
    write_reply({"data": rows}, "table")
    assert printed(capsys) == "name\tcount\na\t1\nb\t\n"


def test_rows_of_jobs_show_what_people_look_for(capsys: pytest.CaptureFixture[str]) -> None:
    write_reply({"data": [{"f_memory": 0, "f_status": "success", "f_job_id": "1"}]}, "table")
    assert printed(capsys) == "f_job_id\tf_status\n1\tsuccess\n"


def test_a_mapping_becomes_names_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    write_reply({"data": {"count": 3, "schema": {"sid": "id"}}}, "table")
    assert printed(capsys) == "name\tvalue\ncount\t3\nschema.sid\tid\n"


def test_the_preview_of_a_table_has_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["a", 1, {"0": 0.25, "1": 0.75}], ["b", 0, {"0": 1.0}]]
    reply = {"data": [rows], "meta": {"header": [["id", "label", "detail"]], "names": ["train"]}}
    write_reply(reply, "table")
    head, first, second = (line.split("\t") for line in printed(capsys).splitlines())
    assert head == ["id", "label", "detail"]
    assert (first[:2], second[:2]) == (["a", "1"], ["b", "0"])


def test_what_makes_no_table_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_reply({"retcode": 0, "data": []}, "table")
    assert json.loads(printed(capsys)) == {"retcode": 0, "data": []}


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "a\ud800b"), ("latin-1", "\N{ROCKET}ß")])
def test_what_the_terminal_cannot_encode_is_escaped(
    monkeypatch: pytest.MonkeyPatch, encoding: str, name: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding, write_through=True))
    reply = {"data": {"name": name}}
    write_reply(reply)
    write_reply(reply, "table")
    first, _, second = raw.getvalue().decode(encoding).splitlines()
    assert json.loads(first) == reply
    assert second == "name\t" + name.encode(encoding, "backslashreplace").decode(encoding)


def test_a_page_of_jobs_is_a_table_like_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [{"job_id": "1", "status": "success", "party_id": 9999, "dsl": {}}, {"job_id": "2"}]
    write_reply({"retcode": 0, "data": {"count": 2, "jobs": jobs}}, "table")
    assert capsys.readouterr().out == ("f_job_id\tf_party_id\tf_status\n1\t9999\tsuccess\n2\t\t\n")


def recorded_replies() -> list[dict[str, Any]]:
    """Return every JSON answer that a real server recorded with data in it."""
    found = []
    for path in sorted(CASSETTES.glob("*.yaml")):
        for one in yaml.load(path.read_bytes(), yaml.CSafeLoader)["interactions"]:
            text = one["response"]["body"]["string"]
            if isinstance(text, str) and text.startswith("{"):
                found.append(json.loads(text))
    return [reply for reply in found if reply.get("data")]


def test_no_cell_of_what_real_servers_answered_holds_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    replies = recorded_replies()
    assert len(replies) > 50
    for reply in replies:
        write_reply(reply, "table")
        text = printed(capsys)
        if isinstance(reply["data"], list | dict):
            cells = [cell for line in text.splitlines() for cell in line.split("\t")]
            assert not [cell for cell in cells if cell[:2] in {'{"', "[{", '["'}], reply


def test_rows_of_nothing_but_nested_values_are_flattened(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"1": {"upload_info": {"partition": 4}, "notes": ""}}]
    write_reply({"data": rows}, "table")
    assert printed(capsys) == "name\tvalue\n0.1.upload_info.partition\t4\n0.1.notes\t\n"


HOSTILE = "\x1b]0;owned\x07\x9b2J\u202e"


def test_no_text_of_a_server_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    reply = {"retcode": 0, "data": [{f"name{HOSTILE}": f"a\tb\nc{HOSTILE}"}]}
    write_reply(reply)
    text = printed(capsys)
    assert text.strip().isprintable()
    assert json.loads(text) == reply
    write_reply(reply, "table")
    head, row = printed(capsys).splitlines()
    assert head == "name\\x1b]0;owned\\x07\\x9b2J\\u202e"
    assert row == "a\\tb\\nc\\x1b]0;owned\\x07\\x9b2J\\u202e"


def test_names_of_columns_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    write_reply({"data": [{"[/red]": 1}]}, "table")
    assert "[/red]" in printed(capsys)
