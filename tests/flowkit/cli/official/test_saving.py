"""``-o``: the answer's data into a file."""

from __future__ import annotations

import json
from pathlib import Path

from fakes import Server, envelope
from terminal import answer, run

SUMMARY = ("component", "get-summary", "-j", "7", "-r", "guest", "-p", "9999", "-cpn", "lr_0")
WOE = ("component", "woe-array-extract", "--model-id", "m", "--model-version", "1", "-r", "guest")


def test_a_summary_goes_into_a_new_file_of_the_folder(tmp_path: Path) -> None:
    server = Server(envelope({"auc": 0.9}))
    reply = answer(run(*SUMMARY, "-o", str(tmp_path), plugins=(server,)))
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("summary_lr_0_")
    assert json.loads(file.read_text()) == {"auc": 0.9}
    assert reply == {"retcode": 0, "retmsg": f"the data is in {file}", "file": str(file)}


def test_the_folder_of_a_summary_must_exist(tmp_path: Path) -> None:
    server = Server()
    result = run(*SUMMARY, "-o", str(tmp_path / "none"), plugins=(server,))
    assert result.exit_code == 2
    assert "must be a directory that exists" in result.stderr
    assert not server.requests


def test_without_it_the_answer_is_printed() -> None:
    assert answer(run(*SUMMARY, plugins=(Server(envelope({"auc": 1})),)))["data"] == {"auc": 1}


def test_a_refusal_writes_nothing(tmp_path: Path) -> None:
    server = Server(envelope(retcode=210, retmsg="No component summary found"))
    assert run(*SUMMARY, "-o", str(tmp_path), plugins=(server,)).exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_file_takes_json_and_text_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "new" / "woe.json"
    words = (*WOE, "-p", "9999", "-cpn", "b_0", "-o", str(file))
    answer(run(*words, plugins=(Server(envelope({"x0": [0.5]}), version="1.11.4"),)))
    assert json.loads(file.read_text()) == {"x0": [0.5]}
    answer(run(*words, plugins=(Server(envelope("<PMML/>"), version="1.11.4"),)))
    assert file.read_text() == "<PMML/>\n"


def test_a_place_that_cannot_be_written_is_refused_beforehand(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    server = Server()
    words = (*WOE, "-p", "9999", "-cpn", "b_0", "-o", str(tmp_path / "taken"))
    assert run(*words, plugins=(server,)).exit_code == 2
    assert not server.requests
