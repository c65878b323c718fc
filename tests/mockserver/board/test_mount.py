"""The board beside the API of a mock."""

from __future__ import annotations

import subprocess
import sys

from flowkit_mockserver import MockServer

LOOK = """
import sys
from flowkit_mockserver import MockServer

with MockServer() as mock, mock.client() as flow:
    flow.tag.list()
    print("flowkit_mockserver.board.application" in sys.modules)
    assert mock.app.test_client().get("/board/").status_code == 200
    print("flowkit_mockserver.board.application" in sys.modules)
"""


def test_a_mock_whose_board_nobody_looks_at_does_without_its_modules() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]


def test_what_is_beside_the_board_answers_as_before() -> None:
    with MockServer() as mock:
        http = mock.app.test_client()

        assert http.get("/").status_code == 404
        assert http.get("/boards").status_code == 404
        assert http.get("/board").location == "/board/"
        assert http.get("/board/nowhere").mimetype == "text/html"
        assert b'"retcode":0' in http.post("/v1/model/tag/list", json={"limit": 5}).data
