"""Interactions for tests of cassettes."""

from __future__ import annotations

from typing import Any

from flowkit_replay import Interaction

HOST = "http://127.0.0.1:9380"
OK = b'{"retcode": 0}'


def interaction(target: str = "/v1/job/query", body: bytes = OK, **changes: Any) -> Interaction:
    """Return a recorded request and its answer."""
    values: dict[str, Any] = {
        "method": "POST",
        "uri": HOST + target,
        "request_headers": {"Content-Type": "application/json"},
        "request_body": b"{}",
        "status": 200,
        "message": "OK",
        "headers": {"Server": ["x"]},
        "body": body,
    }
    return Interaction(**{**values, **changes})
