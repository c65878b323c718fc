"""A server in this process, and raw requests to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer() as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()
