"""``flowkit job watch``."""

from __future__ import annotations

import os
import subprocess
import sys

from flowkit.demo import DATA
from flowkit.demo.steps import train, upload
from flowkit_mockserver import MockServer
from terminal import run


def test_a_line_for_every_change_and_the_losses_at_the_end() -> None:
    with MockServer(port=0, pace=0.02) as server:
        with server.client() as flow:
            for name in ("guest", "host"):
                upload(flow, name)
            job_id = train(flow).job_id
        result = run("--url", server.url, "job", "watch", "-j", job_id)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert f"job {job_id}: success (100 %)" in lines
    assert "  hetero_lr_0 on arbiter/10000: success" in lines
    assert lines[-1].startswith("  loss of hetero_lr_0: ")
    assert len(lines) == len(set(lines))


def test_a_failure_is_told_by_the_exit_code_and_on_standard_error() -> None:
    with MockServer(port=0) as server:
        with server.client() as flow:
            job_id = flow.job.submit(DATA / "train_conf.json", DATA / "train_dsl.json").job_id
        result = run("--url", server.url, "job", "watch", "-j", job_id)
    assert result.exit_code == 1
    assert f"job {job_id}: failed" in result.stdout
    assert "component reader_0 on " in result.stderr


def test_time_that_is_up_and_a_job_that_nobody_knows() -> None:
    with MockServer(port=0, pace="manual") as server:
        with server.client() as flow:
            job_id = flow.job.submit(DATA / "train_conf.json", DATA / "train_dsl.json").job_id
        late = run("--url", server.url, "job", "watch", "-j", job_id, "--timeout", "0.05")
        unknown = run("--url", server.url, "job", "watch", "-j", "1")
    assert late.exit_code == 3
    assert unknown.exit_code == 2
    assert unknown.stdout == ""


def test_on_a_terminal_the_picture_is_drawn_over() -> None:
    ours, theirs = os.openpty()
    with MockServer(port=0, pace=0.02) as server:
        with server.client() as flow:
            for name in ("guest", "host"):
                upload(flow, name)
            job_id = train(flow).job_id
        code = "from flowkit.cli import main; main()"
        command = [sys.executable, "-c", code, "--url", server.url, "job", "watch", "-j"]
        with subprocess.Popen(
            [*command, job_id],
            stdout=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"},
        ) as process:
            os.close(theirs)
            shown = b""
            while piece := _read(ours):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "\x1b[1A" in text  # a line up, to draw over what was there
    assert "✓  hetero_lr_0      HeteroLR      ← feature_scale_0 (train_data)" in text
    assert "loss of hetero_lr_0: " in text.splitlines()[-1]


def _read(terminal: int) -> bytes:
    """Return what comes next from a terminal; nothing once the other side has closed it."""
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so with EIO
        return b""
