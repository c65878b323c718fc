"""``flowkit doctor``."""

from __future__ import annotations

from flowkit_mockserver import MockServer
from terminal import answer, run


def test_all_is_well_and_the_exit_code_is_0() -> None:
    with MockServer(port=0) as mock:
        url = mock.url
        result = run("doctor", "--url", url)
        rows = answer(run("doctor", "--json", FLOWKIT_URL=url))
    assert result.exit_code == 0, result.output
    assert f"{url}, from the option --url" in result.stdout
    address = next(row for row in rows if row["subject"] == "address")
    assert address["text"] == f"{url}, from the environment variable FLOWKIT_URL"
    assert address["state"] == "ok"


def test_a_problem_comes_with_its_mend_and_exit_code_1() -> None:
    result = run("doctor", "--plugin", "nosuch")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    problem = next(number for number, line in enumerate(lines) if line.startswith("PROBLEM"))
    assert lines[problem + 1].lstrip().startswith("→ install what brings it")


def test_no_secret_is_printed() -> None:
    secrets = {"FLOWKIT_APP_KEY": "app-k3y", "FLOWKIT_SECRET_KEY": "s3cret"}
    with MockServer(port=0) as mock:
        result = run("doctor", "--url", mock.url, "--log-level", "debug", **secrets)
    assert "s3cret" not in result.output
    assert "app-k3y" not in result.output


def test_what_is_logged_of_a_broken_plugin_does_not_stand_among_the_findings() -> None:
    result = run("doctor", FLOWKIT_PLUGINS="auth")
    assert result.exit_code == 1
    assert "going on without it" not in result.output
