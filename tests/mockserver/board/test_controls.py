"""The pages by which a mock is controlled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from boarding import text_of
from flowkit import JobFailed, OperationError, demo
from flowkit_mockserver import MockServer

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def mock() -> Iterator[MockServer]:
    """A mock whose time stands still."""
    with MockServer(pace="manual") as server:
        yield server


def send(mock: MockServer, page: str, headers: dict[str, str] = OWN, **form: Any) -> TestResponse:
    """Send a form as a page of the board would."""
    return mock.app.test_client().post(f"/board/{page}", data=form, headers=headers)


def test_time_is_shown_and_moved_on(mock: MockServer) -> None:
    before = mock.state.clock.now()

    answer = send(mock, "time/advance", seconds="90.5")

    assert answer.status_code == 303
    assert answer.location == "/board/time?done=advanced"
    assert mock.state.clock.now() - before == pytest.approx(90.5)
    page = mock.app.test_client().get(answer.location).text
    assert "The time was moved on." in page
    assert "It passes on demand only" in text_of(page)


def test_time_moves_on_to_the_next_change_if_there_is_one(mock: MockServer) -> None:
    nothing = send(mock, "time/next")
    with mock.client() as flow:
        flow.data.upload({"file": str(demo.DATA / "guest.csv"), "head": 1, "partition": 1,
                          "work_mode": 0, "namespace": "shop", "table_name": "guest"})  # fmt: skip
        before = flow.job.list().rows[0].status
        event = send(mock, "time/next")
        after = flow.job.list().rows[0].status

    assert (nothing.location, event.location) == (
        "/board/time?done=nothing",
        "/board/time?done=event",
    )
    assert before != after


def test_how_time_passes_and_how_long_tasks_take_can_be_said(mock: MockServer) -> None:
    assert send(mock, "time/mode", mode="scaled", factor="60").status_code == 303
    assert send(mock, "time/pace", pace="0.5").status_code == 303

    text = text_of(mock.app.test_client().get("/board/time").text)
    assert "It passes 60 times as fast" in text
    assert "a task takes 0.5 s" in text


def test_the_journal_shows_what_was_asked_and_what_became_of_it(mock: MockServer) -> None:
    with mock.client(test="test_tags") as flow:
        flow.tag.create("good", "<b>bold</b>")
        with pytest.raises(OperationError):
            flow.tag.delete("bad")
    http = mock.app.test_client()

    html = http.get("/board/journal").text
    refused = http.get("/board/journal?refused=true").text
    live = http.get("/board/journal/live?operation=tag.create").text

    assert html.index("tag.delete") < html.index("tag.create")
    assert "<b>" not in html
    assert "test_tags" in html
    assert "tag.create" not in refused.partition("</form>")[2]
    assert live.lstrip().startswith(
        '<div id="journal" hx-get="/board/journal/live?operation=tag.create"'
    )
    assert "tag.delete" not in live


def test_a_filter_that_names_no_operation_is_refused_in_words(mock: MockServer) -> None:
    answer = mock.app.test_client().get("/board/journal?operation=tag.creat")

    assert answer.status_code == 400
    assert "tag.creat" in text_of(answer.text)


def test_namespaces_are_linked(mock: MockServer) -> None:
    mock.namespace("worker-1").state  # noqa: B018 - it is made when it is first used

    html = mock.app.test_client().get("/board/time").text

    assert 'href="/_flowkit/namespaces/worker-1/board/"' in html


def test_everything_is_forgotten_only_with_the_box_ticked(mock: MockServer) -> None:
    with mock.client() as flow:
        flow.tag.create("kept")
        refused = send(mock, "time/reset")
        assert flow.tag.list().data["tags"]

        done = send(mock, "time/reset", sure="yes")

        assert flow.tag.list().data["tags"] == []
    assert (refused.status_code, done.status_code) == (400, 303)


def test_a_component_can_be_made_to_fail() -> None:
    with MockServer() as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        form = {"component": "dataio_0", "message": "no disk", "role": "host", "times": "1"}
        assert send(mock, "faults/fail", **form).status_code == 303

        with pytest.raises(JobFailed, match="dataio_0 on host/10000: no disk"):
            flow.job.wait(demo.train(flow).job_id)


def test_requests_can_be_made_to_fail_and_the_board_meets_none_of_it(mock: MockServer) -> None:
    form = {"path": "model/tag/*", "status": "500", "times": "1"}
    assert send(mock, "faults/refuse", **form).status_code == 303

    assert mock.app.test_client().get("/board/tags").status_code == 200
    with mock.client() as flow, pytest.raises(OperationError, match="injected failure"):
        flow.tag.create("any")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
)  # fmt: skip
def test_a_form_of_another_site_is_not_carried_out(
    mock: MockServer, headers: dict[str, str]
) -> None:
    before = mock.state.clock.now()

    assert send(mock, "time/advance", headers, seconds="60").status_code == 403
    assert mock.state.clock.now() == before


def test_a_browser_that_sends_an_origin_only_is_understood(mock: MockServer) -> None:
    answer = send(mock, "time/advance", {"Origin": "http://localhost"}, seconds="1")

    assert answer.status_code == 303


def test_other_machines_control_nothing(mock: MockServer) -> None:
    answer = mock.app.test_client().post(
        "/board/time/advance",
        data={"seconds": "60"},
        headers=OWN,
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )

    assert answer.status_code == 403
    assert "answers this machine only" in answer.text


@pytest.mark.parametrize(
    ("path", "form", "text"),
    [
        ("time/advance", {"seconds": "soon"}, "seconds must be a number, got 'soon'"),
        ("time/advance", {"seconds": "-1"}, "seconds"),
        ("faults/fail", {"message": "x"}, "component is missing"),
        ("faults/refuse", {"path": "*", "status": "7"}, "status must be a number from 200 to 599"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    mock: MockServer, path: str, form: dict[str, str], text: str
) -> None:
    answer = send(mock, path, **form)

    assert answer.status_code == 400
    assert text in text_of(answer.text)
