"""``flowkit test toy``: the link between two parties."""

from __future__ import annotations

from flowkit_inprocess import InProcess
from flowkit_mockserver import MockServer
from terminal import run

LINE = ("test", "toy", "-gid", "9999", "-hid", "10000")


def test_it_waits_and_says_how_it_ended() -> None:
    with MockServer() as mock:
        result = run(*LINE, plugins=(InProcess(mock.app),))
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(" is success\n")
    assert "success (100 %)" in result.stderr


def test_a_failed_job_shows_the_error_log_and_ends_with_1() -> None:
    with MockServer() as mock:
        mock.fail("secure_add_example_0", "no way from guest to host")
        result = run(*LINE, plugins=(InProcess(mock.app),))
    assert result.exit_code == 1
    assert " is failed\n" in result.stdout
    assert "no way from guest to host" in result.stderr
