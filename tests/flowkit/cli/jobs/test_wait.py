"""``flowkit job wait``."""

from __future__ import annotations

from fakes import Server, envelope
from terminal import answer, run


def row(status: str, progress: int) -> dict[str, object]:
    return {
        "f_job_id": "1",
        "f_status": status,
        "f_progress": progress,
        "f_is_initiator": True,
        "f_role": "guest",
        "f_party_id": "9999",
    }


def test_it_tells_how_the_job_proceeds_and_prints_the_end() -> None:
    server = Server(envelope([row("running", 50)]), envelope([row("success", 100)]))
    result = run("job", "wait", "-j", "1", plugins=(server,))
    assert answer(result)["data"]["status"] == "success"
    assert result.stderr.splitlines() == ["job 1: running (50 %)", "job 1: success (100 %)"]


def test_quiet_tells_nothing() -> None:
    server = Server(envelope([row("success", 100)]))
    assert run("job", "wait", "-j", "1", "--quiet", plugins=(server,)).stderr == ""


def test_a_failed_job_ends_with_1() -> None:
    server = Server(envelope([row("failed", 50)]), envelope([]))
    result = run("job", "wait", "-j", "1", "--quiet", plugins=(server,))
    assert result.exit_code == 1
    assert "job 1 ended as failed" in result.stderr


def test_a_job_that_takes_too_long_ends_with_3() -> None:
    server = Server(envelope([row("running", 50)]))
    result = run("job", "wait", "-j", "1", "--quiet", "--timeout", "0", plugins=(server,))
    assert result.exit_code == 3
    assert "is still running (50 %)" in result.stderr
