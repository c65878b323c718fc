"""One mock server for all processes of a test run: the first that needs it starts it, the last one out ends it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

__all__ = ["lease_server", "namespace_name"]

#: The folder's files: the lock, the port of the process that runs the server, and what that process says of trouble.
LOCK, PORT, LOG = "flowkit-mock.lock", "flowkit-mock.port", "flowkit-mock.log"
PATIENCE = 60.0
#: Tells this process from those of other machines.
_HERE = uuid.uuid4().hex


@contextlib.contextmanager
def lease_server(folder: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    """Hold a server that all who name the same folder share, and yield its address.

    It ends when nobody holds it any more, also when processes were killed.

    Args:
        folder: a folder of the run.
        settings: arguments of the server, should it not run yet.

    Raises:
        pytest.UsageError: a setting cannot be handed to another process.
        RuntimeError: the server does not start; the text says why.
    """
    try:
        from filelock import FileLock
    except ModuleNotFoundError as error:
        text = "a shared mock server needs filelock: pip install 'fate-flowkit[pytest]'"
        raise pytest.UsageError(text) from error
    try:
        handed = json.dumps(dict(settings), default=_path)
    except TypeError as error:
        raise pytest.UsageError(
            f"flow_mock_settings of a shared server must be values of JSON: {error}"
        ) from error
    with FileLock(folder / LOCK, timeout=PATIENCE):
        lease, url = _take(folder) or _start(folder, handed)
    with lease:
        yield url


def namespace_name(node_id: str) -> str:
    """Return the name of a namespace for a test, or for what several tests of this process share."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", node_id.rpartition("::")[2])[:30].strip("-")
    # Machines that share a database may have processes of one number.
    digest = hashlib.sha256(f"{node_id} {os.getpid()} {_HERE}".encode()).hexdigest()[:12]
    return f"{readable or 'run'}-{digest}"


def _path(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{value!r} is none")


def _take(folder: Path) -> tuple[socket.socket, str] | None:
    """Return a lease of the server that runs, and its address; None when none does."""
    try:
        port = int((folder / PORT).read_text("ascii"))
        lease = socket.create_connection(("127.0.0.1", port), PATIENCE)
    except (FileNotFoundError, ConnectionError):
        return None
    try:
        with lease.makefile("r", encoding="ascii") as file:
            line = file.readline()
    except ConnectionError:  # the last one had just left
        line = ""
    if not line:
        lease.close()
        return None
    lease.settimeout(None)
    return lease, line.strip()


def _start(folder: Path, settings: str) -> tuple[socket.socket, str]:
    """Start the server, and return a lease of it and its address."""
    # It outlives this process when others use it, and Ctrl+C is for those.
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    command = [sys.executable, "-P", "-m", "flowkit.testing.shared_server", settings]
    with (folder / LOG).open("w") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            **apart,
        )
    assert process.stdout is not None
    with process.stdout:
        port = process.stdout.readline().strip()
    if port:
        (folder / PORT).write_text(port, "ascii")
        if (taken := _take(folder)) is not None:
            # Nobody waits for its end, which is not an accident then.
            process.returncode = 0
            return taken
    process.wait(PATIENCE)
    said = (folder / LOG).read_text(errors="replace").strip().splitlines()
    raise RuntimeError(
        f"the shared mock server does not start: {said[-1] if said else 'no reason'}"
    )
