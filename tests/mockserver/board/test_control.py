"""Speaking with the control API from a page."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import Forbidden, NotFound

from flowkit_mockserver import MockServer
from flowkit_mockserver.board.control import ask_control, order
from flowkit_mockserver.board.source import EXTENSION, Source


def test_the_answer_is_that_of_the_namespace_whose_page_asks() -> None:
    with MockServer(pace="manual") as mock, mock.namespace("worker-1") as world:
        world.advance(1000)
        asked = {}
        for prefix in ("", "/_flowkit/namespaces/worker-1"):
            with mock.app.test_client() as http:
                http.get(f"{prefix}/board/time")
                asked[prefix] = ask_control("GET", "")["now"]

    own, other = asked.values()
    assert other - own == pytest.approx(1000, abs=60)


def test_an_order_needs_a_page_of_ours() -> None:
    with (
        MockServer() as mock,
        mock.app.test_request_context("/board/time", method="POST"),
        pytest.raises(Forbidden),
    ):
        order("/reset", {})


def test_a_board_without_a_mock_has_nothing_to_control() -> None:
    with MockServer() as mock, mock.client() as flow:
        mock.app.extensions[EXTENSION] = Source(lambda: flow, "server", "a server")
        with mock.app.test_request_context("/board/time"), pytest.raises(NotFound):
            ask_control("GET", "")
