"""Sending an attempt to an application in this process, and timing its answer."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.values import Attempt

__all__ = ["Answer", "Escaped", "ask_application"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        status: its HTTP status.
        body: its body.
        seconds: how long it took.
    """

    status: int
    body: bytes
    seconds: float


class Escaped(Exception):
    """An exception left the application; the text says which, and where it was raised."""


def ask_application(http: Any, attempt: Attempt) -> Answer:
    """Return what an application answers.

    Args:
        http: its test client.
        attempt: the request.

    Raises:
        Escaped: an exception left it.
    """
    begun = time.perf_counter()
    try:
        answer = http.open(
            attempt.path, method=attempt.method, data=attempt.body, headers=attempt.headers
        )
        status, body = answer.status_code, answer.get_data()
        answer.close()
    # What leaves the application at all is the fault that is looked for.
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise Escaped(f"{error!r:.100} at {Path(where.filename).name}:{where.lineno}") from error
    return Answer(status, body, time.perf_counter() - begun)
