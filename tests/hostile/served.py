"""The server as a process of its own, to be attacked over its port."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["ask", "children", "multipart", "resident", "served", "upload", "upload_request"]

PATIENCE = 20.0


@contextlib.contextmanager
def served(
    *options: str, log: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start ``flowkit mock`` on a free port and yield its process and port, once it answers."""
    command = [sys.executable, "-m", "flowkit_mockserver", "--port", "0", *options]
    with (
        open(log or os.devnull, "w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        try:
            found = re.search(r"at http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            if found is None:
                raise RuntimeError(f"the server did not start: {process.wait(PATIENCE)}")
            yield process, int(found[1])
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()


def ask(connection: http.client.HTTPConnection, path: str, body: Any) -> dict[str, Any]:
    """Post a JSON object and return the answer."""
    headers = {"Content-Type": "application/json"}
    connection.request("POST", path, body=json.dumps(body), headers=headers)
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer


def upload(connection: http.client.HTTPConnection, name: str, rows: bytes) -> dict[str, Any]:
    """Upload a table with a head and return the answer."""
    path, body, content_type = upload_request(name, rows)
    connection.request("POST", path, body=body, headers={"Content-Type": content_type})
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer


def children(process: int) -> list[int]:
    """Return the workers of a process."""
    listed = subprocess.run(
        ["pgrep", "-P", str(process), "-f", "spawn_main"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line) for line in listed.stdout.split()]


def upload_request(name: str, rows: bytes) -> tuple[str, bytes, str]:
    """Return path, body and content type of the upload of a table with a head."""
    query = f"namespace=kept&table_name={name}&head=1&partition=4&work_mode=0&drop=1"
    return f"/v1/data/upload?{query}", *multipart(rows)


def multipart(content: bytes, fields: Mapping[str, str] | None = None) -> tuple[bytes, str]:
    """Return a multipart body with a file and fields, and its content type."""
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="'
        + name.replace('"', "%22").encode("utf-8", "surrogatepass")
        + b'"\r\n\r\n'
        + value.encode("utf-8", "surrogatepass")
        + b"\r\n"
        for name, value in (fields or {}).items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = b"".join([*parts, head, content, b"\r\n--b--\r\n"])
    return body, "multipart/form-data; boundary=b"


def resident(process: int) -> float:
    """Return the memory of a process in MiB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
    return int(found[1]) / 1024 if found else 0.0
