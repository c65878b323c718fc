"""An audit trail: what a client has changed on the server, one line of JSON each."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, TextIO

from flowkit import (
    Call,
    FlowClient,
    FlowError,
    JobState,
    Request,
    Response,
    hookimpl,
    renew_in_children,
)

__all__ = ["Audit"]


class Audit:
    """Writes down every operation that changes something.

    Args:
        path: the file, to which lines are added.
        user: who is held to account.
    """

    name = "audit"
    identity = ""  # the request id that it adds changes no answer
    after = ("logging", "telemetry")

    def __init__(self, path: str | Path = "audit.jsonl", user: str = "") -> None:
        self._path = Path(path)
        self._user = user
        self._clients = 0
        self._file: TextIO | None = None
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    @hookimpl
    def flowkit_client_opened(self) -> None:
        """Open the file with the first client; several may share one plugin."""
        with self._lock:
            if self._file is None:
                self._file = self._path.open("a", encoding="utf-8")
            self._clients += 1

    @hookimpl
    def flowkit_client_closed(self) -> None:
        """Close the file with the last client."""
        with self._lock:
            self._clients -= 1
            if not self._clients and self._file is not None:
                self._file.close()
                self._file = None

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Note a write when it has ended, however it has."""
        if call.operation.reads:
            return (yield)
        call.scratch[self.name] = {"id": str(uuid.uuid4()), "attempts": 0, "bytes": 0}
        outcome = "failed"
        try:
            response = yield
            outcome = f"HTTP {response.status}"
            return response
        finally:
            self._write(call, outcome)

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call) -> Generator[None, Response, Response]:
        """Count the attempts that it took."""
        if self.name in call.scratch:
            call.scratch[self.name]["attempts"] += 1
        return (yield)

    @hookimpl
    def flowkit_sign(self, call: Call, request: Request) -> None:
        """Send the number of the line along, so that the server's log can be joined with ours."""
        if self.name in call.scratch:
            request.headers["X-Request-Id"] = call.scratch[self.name]["id"]

    @hookimpl
    def flowkit_transferred(self, call: Call, done: int) -> None:
        """Note how much was uploaded."""
        if self.name in call.scratch:
            call.scratch[self.name]["bytes"] = done

    @hookimpl
    def flowkit_job_changed(self, client: FlowClient, job: JobState) -> None:
        """Note how a job that was waited for has ended."""
        if job["status"] != "running" and job["status"] != "waiting":
            line = {"job": job["job_id"], "status": job["status"]}
            self._line({"time": client.clock.now(), "user": self._user, **line})

    @hookimpl
    def flowkit_job_unreachable(
        self, client: FlowClient, job_id: str, error: FlowError | None
    ) -> None:
        """Note from when to when a job that was waited for could not be looked at."""
        line = {"job": job_id, "reachable": error is None}
        self._line({"time": client.clock.now(), "user": self._user, **line})

    def _write(self, call: Call, outcome: str) -> None:
        notes = call.scratch[self.name]
        line = {"operation": call.operation.name, "server": call.request.origin, **notes}
        now = call.client.clock.now()
        self._line({"time": now, "user": self._user, **line, "outcome": outcome})

    def _line(self, line: Mapping[str, Any]) -> None:
        with self._lock:
            if self._file is not None:
                print(json.dumps(line), file=self._file, flush=True)
