"""One official client on a mock of its version, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowkit_mockserver import MockServer

__all__ = ["Outcome", "drive", "read", "table"]

_DRIVER = Path(__file__).parent / "driver"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        version: the version of the client.
        surface: ``sdk`` or ``cli``.
        names: how many methods or commands were called.
        calls: how often.
        right: how many of the calls were answered as a real server answers.
        wrong: the others, and what nothing called, in words.
    """

    version: str
    surface: str
    names: int
    calls: int
    right: int
    wrong: list[str] = field(default_factory=list)


def drive(programs: Path, version: str, server: str, surface: str, folder: Path) -> Outcome:
    """Run the steps of a surface in the environment of `programs` on a mock of the version `server`."""
    with MockServer(fate_version=server, allow_paths=(folder,), port=0) as mock:
        host, port = mock.url.removeprefix("http://").split(":")
        # Where the training commands look for the server.
        point = [str(programs / "pipeline"), "init", "--ip", host, "--port", port]
        subprocess.run(point, capture_output=True, check=False)
        done = subprocess.run(
            [str(programs / "python"), str(_DRIVER / f"{surface}.py"), f"{host}:{port}", version],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
        )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    outcome = read(version, surface, lines)
    if done.returncode:
        outcome.wrong.append(f"the driver ended early: {done.stderr.strip().splitlines()[-1]}")
    return outcome


def read(version: str, surface: str, lines: list[dict[str, Any]]) -> Outcome:
    """Count what the lines of a driver say."""
    calls = [line for line in lines if not line.get("missing")]
    return Outcome(
        version=version,
        surface=surface,
        names=len({line["step"] for line in calls}),
        calls=len(calls),
        right=sum(line["good"] for line in calls),
        wrong=list(_wrong(lines)),
    )


def _wrong(lines: list[dict[str, Any]]) -> Iterator[str]:
    for line in lines:
        name = f"{line['step']} {line.get('detail', '')}".strip()
        if line.get("missing"):
            yield f"{name}: no step calls it"
        elif not line["good"]:
            seen = [
                f"{path} {status} {code} {text}"
                for _, path, status, code, text in line.get("exchanges", [])
            ]
            yield f"{name}: {line.get('raised') or '; '.join(seen)}"


def table(outcomes: list[Outcome]) -> str:
    """Return outcomes as a table."""
    lines = [f"{'client':8}{'surface':9}{'names':>7}{'calls':>7}{'right':>7}"]
    for one in outcomes:
        lines.append(f"{one.version:8}{one.surface:9}{one.names:7}{one.calls:7}{one.right:7}")
        lines += [f"    {text}" for text in one.wrong]
    return "\n".join(lines)
