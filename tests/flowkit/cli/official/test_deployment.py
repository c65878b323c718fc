"""``flow model deploy``'s own options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes import Server, envelope
from terminal import run

LINE = ("model", "deploy", "--model-id", "m", "--model-version", "1")


def sent(*words: str) -> dict[str, object]:
    server = Server(envelope({}))
    result = run(*LINE, *words, plugins=(server,))
    assert result.exit_code == 0, result.output
    body: dict[str, object] = json.loads(server.requests[0].read())
    return body


def test_components_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("[reader_0,\n lr_0]\n")
    assert sent("--cpn-path", str(tmp_path / "list.txt"))["cpn_list"] == ["reader_0", "lr_0"]


def test_a_list_counts_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("reader_0")
    words = ("--cpn-path", str(tmp_path / "list.txt"), "--cpn-list", "lr_0")
    assert sent(*words)["cpn_list"] == ["lr_0"]


def test_steps_are_repeatable() -> None:
    words = ("--cpn-step-index", "a_0:3", "--cpn-step-index", "b_0:4", "--cpn-step-name", "c_0:x")
    assert sent(*words)["components_checkpoint"] == {
        "a_0": {"step_index": 3},
        "b_0": {"step_index": 4},
        "c_0": {"step_name": "x"},
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--cpn-step-index", "a_0"), "--cpn-step-index must be a component, a colon and its step"),
        (("--cpn-step-index", "a_0:x"), "--cpn-step-index must be a whole number"),
        (
            ("--cpn-step-index", "a_0:1", "--cpn-step-name", "a_0:x"),
            "--cpn-step-name names component 'a_0', which has a step already",
        ),
    ],
)
def test_a_step_that_is_none_is_refused(words: tuple[str, ...], reason: str) -> None:
    server = Server()
    result = run(*LINE, *words, plugins=(server,))
    assert result.exit_code == 2
    assert reason in result.stderr
    assert not server.requests
