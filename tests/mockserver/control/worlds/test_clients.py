"""Clients say which test they are used in."""

from __future__ import annotations

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.control.worlds.clients import current_test


@pytest.mark.parametrize("port", [None, 0])
def test_the_running_test_is_named(port: int | None) -> None:
    with MockServer(port=port) as mock, mock.client() as flow:
        flow.job.query()

        (entry,) = mock.requests()

    assert entry.test == current_test()
    assert str(entry.test).endswith(f"::test_the_running_test_is_named[{port}]")


@pytest.mark.parametrize("port", [None, 0])
def test_a_client_can_have_a_name_of_its_own(port: int | None) -> None:
    with MockServer(port=port) as mock, mock.client(test="the nightly run") as flow:
        flow.job.query()

        assert mock.requests(test="the nightly run")


def test_outside_of_pytest_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with MockServer() as mock, mock.client() as flow:
        flow.job.query()

        assert mock.requests()[0].test is None
