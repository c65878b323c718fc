"""What a log says of an error."""

from __future__ import annotations

import pytest

from flowkit.jobs.diagnosis import last_error

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in b\n    c()\n'


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("", ""),
        ("all is well\nFinish 7 lr_0 task success", ""),
        ("a.py:1: FutureWarning: arrays to stack", ""),
        ("Note: this is not an error", ""),
        (TRACE + "Exception: no table\n", "no table"),
        (TRACE + "ValueError: too small\n", "ValueError: too small"),
        (TRACE + "federatedml.util.Failed: odd name\n", "federatedml.util.Failed: odd name"),
        (TRACE + "KeyError: 'x'\n" + TRACE + "ValueError: y\nbye\n", "ValueError: y"),
        ("noise\nValueError: without a traceback", "ValueError: without a traceback"),
        ("[ERROR] [2021-06-01] [1:2] - a.py[line:9]: broken", "broken"),
        (
            "[ERROR] [2021-06-01] [1:2] - a.py[line:9]: broken\n" + TRACE + "OSError: x",
            "OSError: x",
        ),
    ],
)
def test_the_last_error_is_the_reason(log: str, sentence: str) -> None:
    assert last_error(log) == sentence
