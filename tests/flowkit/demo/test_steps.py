"""The steps of the demo."""

from __future__ import annotations

import re

import pytest

from flowkit.servers import LINES
from flowkit_mockserver import MockServer
from terminal import run


def test_it_can_be_repeated_on_the_same_server() -> None:
    with MockServer(port=0) as mock:
        assert run("demo", "--url", mock.url).exit_code == 0
        assert run("demo", "--url", mock.url).exit_code == 0


def test_a_training_that_fails_says_where_and_why() -> None:
    with MockServer(port=0) as mock:
        mock.fail("hetero_lr_0", "not enough memory")
        result = run("demo", "--url", mock.url)
    assert result.exit_code == 1
    assert re.search(r"hetero_lr_0 +failed", result.stdout)
    assert "hetero_lr_0" in result.stderr
    assert "not enough memory" in result.stderr


@pytest.mark.parametrize("line", [line.name for line in LINES])
def test_it_runs_on_servers_of_every_line(line: str) -> None:
    with MockServer(port=0, fate_version=line) as mock:
        result = run("demo", "--url", mock.url)
    assert result.exit_code == 0, result.output
    assert "Predicting" in result.stdout
