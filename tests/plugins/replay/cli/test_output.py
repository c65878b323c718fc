"""What the commands print."""

from __future__ import annotations

import json

import click
import pytest

from flowkit import CassetteError
from flowkit_replay.cli.output import print_rows, report_errors

ROWS = [{"path": "/v1/job/query", "n": 1}, {"path": "/v1/a", "n": 22}]


def test_rows_are_aligned_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, as_json=False)
    assert capsys.readouterr().out == "path           n\n/v1/job/query  1\n/v1/a          22\n"
    print_rows(ROWS, as_json=True)
    assert json.loads(capsys.readouterr().out) == ROWS
    print_rows([], as_json=False)
    assert capsys.readouterr().out == ""


def test_an_error_of_flowkit_is_one_sentence() -> None:
    with pytest.raises(click.ClickException, match="no cassette"), report_errors():
        raise CassetteError("no cassette")
