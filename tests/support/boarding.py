"""The board in tests: a mock with the demo's jobs, and looking at its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from flowkit import FlowClient, JobFailed, demo
from flowkit.demo import Submitted
from flowkit_mockserver import MockServer

__all__ = ["REASON", "Board", "board_of_demo", "text_of"]

#: Why the second training of `board_of_demo` fails; it is what an attacker would write there.
REASON = "not enough memory <script>alert(1)</script>"


@dataclass
class Board:
    """A mock, its client, and the jobs in it.

    Attributes:
        mock: the server.
        flow: a client of it.
        trained: the demo's training.
        failed: the same, failed in its model, for `REASON`.
    """

    mock: MockServer
    flow: FlowClient
    trained: Submitted
    failed: Submitted

    def get(self, path: str, *, expect: int = 200, **query: Any) -> str:
        """Return a page of the board."""
        answer = self.mock.app.test_client().get(f"/board/{path}?{urlencode(query, doseq=True)}")
        assert answer.status_code == expect, answer.text
        return answer.text

    def component(self, name: str, role: str = "guest", party_id: str = "9999") -> dict[str, str]:
        """Return what names a component of the training in an address."""
        return {
            "job_id": self.trained.job_id,
            "role": role,
            "party_id": party_id,
            "component": name,
        }


@contextmanager
def board_of_demo(**settings: Any) -> Iterator[Board]:
    """Run a mock in which the demo was trained once with success and once without."""
    with MockServer(**settings) as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        trained = demo.train(flow)
        flow.job.wait(trained.job_id)
        mock.fail(demo.steps.MODEL, REASON, times=1)
        failed = demo.train(flow)
        try:
            flow.job.wait(failed.job_id)
        except JobFailed:
            yield Board(mock, flow, trained, failed)


def text_of(html: str) -> str:
    """Return what a page says, without its tags, each run of white space as one blank."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
