"""The board in an application."""

from __future__ import annotations

from boarding import Board
from flowkit import ManualClock
from flowkit_mockserver.board.application import create_board
from flowkit_mockserver.board.source import Source
from flowkit_mockserver.settings import Settings


def test_the_link_of_a_submit_leads_to_a_page_whose_script_goes_on(board: Board) -> None:
    answer = board.mock.app.test_client().get("/index.html")

    assert answer.status_code == 200
    assert 'data-job="/board/job" data-jobs="/board/"' in answer.text
    assert 'href="/board/">list of jobs' in answer.text, (
        "without scripts, the list is one click away"
    )


def test_a_board_of_its_own_shows_a_server_and_controls_nothing(board: Board) -> None:
    source = Source(lambda: board.flow, "server", "http://flow.example")
    http = create_board(source, Settings(), ManualClock(0)).test_client()

    assert http.get("/").location == "/board/"
    assert http.get("/board").location == "/board/"
    page = http.get("/board/").text
    assert board.trained.job_id in page
    assert "http://flow.example" in page
    assert "/board/time" not in page
    assert http.get("/board/time").status_code == 404
    own = {"Sec-Fetch-Site": "same-origin"}
    assert http.post("/board/time/advance", data={"seconds": 1}, headers=own).status_code == 404


def test_a_board_of_its_own_answers_for_its_own_host_only(board: Board) -> None:
    source = Source(lambda: board.flow, "server", "a server")
    http = create_board(
        source, Settings(allow_hosts=("board.example",)), ManualClock(0)
    ).test_client()

    assert http.get("/board/", headers={"Host": "board.example"}).status_code == 200
    assert http.get("/board/", headers={"Host": "rebound.example"}).status_code == 403
