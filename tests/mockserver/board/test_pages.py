"""The list of jobs, and the page of one."""

from __future__ import annotations

import json

import pytest

from boarding import Board, board_of_demo, text_of
from flowkit import ManualClock, demo
from flowkit.demo import Submitted
from flowkit_mockserver import MockServer


def test_the_list_shows_every_job_with_its_status(board: Board) -> None:
    html = board.get("")

    assert html.index(board.failed.job_id) < html.index(board.trained.job_id)
    assert "Reader, DataIO, Intersection, FeatureScale, HeteroLR, Evaluation" in text_of(html)
    assert "status-failed" in html
    assert "status-success" in html


def test_the_list_can_be_filtered_by_status_and_searched(board: Board) -> None:
    failed = board.get("", status="failed")
    modules = board.get("", text="hetero")
    one = board.get("", text=board.trained.job_id[-6:])
    nobody = board.get("", party_id="1234")

    assert board.failed.job_id in failed
    assert board.trained.job_id not in failed
    assert "Upload" not in text_of(modules)
    assert board.trained.job_id in one
    assert board.failed.job_id not in one
    assert "No job fits" in nobody


def test_the_list_looks_again_by_itself(board: Board) -> None:
    html = board.get("jobs/live")

    assert html.lstrip().startswith('<div id="jobs" hx-get="/board/jobs/live?page=1"')


def test_a_job_shows_its_graph_and_where_its_parties_are(board: Board) -> None:
    html = board.get("job", job_id=board.trained.job_id)
    text = text_of(html)

    assert html.count('class="node node-success"') == 6
    assert "data: hetero_lr_0 to evaluation_0" in text
    assert "guest 9999 host 10000 arbiter 10000" in text
    assert "hx-trigger" not in html, "a job that has ended does not change"


def test_a_job_is_shown_as_the_chosen_party_sees_it(board: Board) -> None:
    html = board.get("job", job_id=board.trained.job_id, role="arbiter", party_id="10000")

    assert "as arbiter 10000 sees it" in text_of(html)
    assert html.count('class="node node-none"') == 4, "the arbiter only trains and evaluates"


def test_a_failed_job_says_why(board: Board) -> None:
    text = text_of(board.get("job", job_id=board.failed.job_id))

    assert "Why it failed hetero_lr_0 on guest 9999 not enough memory <script>" in text


def test_a_running_job_goes_on_by_itself_with_and_without_scripts() -> None:
    with board_of_demo(pace=1, clock=ManualClock(1_795_000_000.0)) as board:
        running = demo.train(board.flow).job_id
        html = board.get("job", job_id=running)

        assert f'hx-get="/board/job/live?job_id={running}' in html
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in html


def test_a_job_that_there_is_not_is_said_so(board: Board) -> None:
    html = board.get("job", expect=404, job_id="202601010000000000000")

    assert "there is no job 202601010000000000000" in text_of(html)


def test_an_address_that_makes_no_sense_is_refused_in_words(board: Board) -> None:
    html = board.get("job", expect=400, job_id="<b>1</b>")

    assert "job_id must be an id" in text_of(html)
    assert "<b>1" not in html


def test_a_job_that_was_only_canceled_has_no_reason_to_tell() -> None:
    with board_of_demo(pace="manual") as board:
        job_id = demo.train(board.flow).job_id
        board.flow.job.stop(job_id)
        html = board.get("job", job_id=job_id)

    assert "status-canceled" in html
    assert "How it ended" not in html


@pytest.mark.parametrize("version", ["1.5", "1.8", "1.11.2"])
def test_the_pages_of_every_line_show_the_same(version: str) -> None:
    conf, dsl = (
        json.loads((demo.DATA / f"train_{name}.json").read_text("utf-8"))
        for name in ("conf", "dsl")
    )
    if version == "1.11.2":
        dsl["components"]["dataio_0"]["module"] = "DataTransform"
    with MockServer(fate_version=version) as mock, mock.client() as flow:
        for role, _ in (demo.GUEST, demo.HOST):
            demo.upload(flow, role)
        job = flow.job.submit(conf, dsl)
        flow.job.wait(job.job_id)
        board = Board(
            mock, flow, Submitted(job.job_id, job.model_id, job.model_version), demo.train(flow)
        )
        seen = [
            board.get(""),
            board.get("", status="success"),
            board.get("job", job_id=job.job_id),
            board.get("component", **board.component("evaluation_0")),
            board.get("component", first=120, **board.component("hetero_lr_0")),
            board.get("component/log", **board.component("hetero_lr_0")),
            board.get("tables"),
            board.get("model", model_id=job.model_id, model_version=job.model_version),
        ]

    assert not [html for html in seen if 'class="problem"' in html]
    assert job.job_id in seen[0]
    assert job.job_id in seen[1]
    assert seen[2].count('class="node node-success"') == 6
    assert "AUC 0.8" in seen[3]
    assert "rows 120 to 144 of 201" in text_of(seen[4])
    assert 'class="level-info"' in seen[5]
    assert "guest flowkit_demo 218" in text_of(seen[6])
