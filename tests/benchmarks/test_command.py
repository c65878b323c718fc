"""The command that measures."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.measuring import Figure, Unmeasured


def lacking() -> None:
    raise Unmeasured("it needs Dask")


@pytest.mark.parametrize(
    ("named", "values", "code"),
    [
        (["start"], {"start": 1.0}, 0),
        (["start"], {"start": 3.0}, 1),
        (["cluster"], {}, 1),
        ([], {"start": 1.0}, 0),
    ],
)
def test_what_is_missed_or_was_named_and_cannot_be_measured_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    named: list[str],
    values: dict[str, float],
    code: int,
) -> None:
    def find(name: str) -> object:
        value = values.get(name.removeprefix("benchmarks."))
        if value is None:
            return SimpleNamespace(measure=lacking)
        return SimpleNamespace(measure=lambda: [Figure("start", value, "x", 2, most=True)])

    monkeypatch.setattr(command, "MEASUREMENTS", ("start", "cluster"))
    monkeypatch.setattr(command, "import_module", find)
    monkeypatch.setattr(sys, "argv", ["benchmarks", *named])

    assert command.main() == code
    shown = capsys.readouterr().out
    assert ("cluster: not measured: it needs Dask" in shown) is (named != ["start"])
