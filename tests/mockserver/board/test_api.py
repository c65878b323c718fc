"""The board's endpoints in JSON."""

from __future__ import annotations

import json

from boarding import Board
from flowkit_mockserver.board.api import plain


def test_jobs_come_as_on_the_page(board: Board) -> None:
    page = json.loads(board.get("api/jobs", status="failed"))

    assert [job["job_id"] for job in page["jobs"]] == [board.failed.job_id]
    assert (page["number"], page["more"]) == (1, False)
    assert page["jobs"][0]["created"].endswith("+00:00")


def test_a_job_comes_with_its_tasks_and_why_it_failed(board: Board) -> None:
    found = json.loads(board.get("api/job", job_id=board.failed.job_id))

    assert found["job"]["parties"]["guest 9999"] == "failed"
    assert found["tasks"]["reader_0"]["guest 9999"]["f_party_status"] == "success"
    assert found["failure"]["component"] == "hetero_lr_0"


def test_a_component_comes_with_its_blocks(board: Board) -> None:
    found = json.loads(board.get("api/component", **board.component("evaluation_0")))

    (scores, *_) = found["metrics"]["value"]
    assert scores["rows"][0] == ["auc", 0.869643]
    assert found["parameters"]["problem"] == ""


def test_nothing_can_be_changed_by_it(board: Board) -> None:
    http = board.mock.app.test_client()

    for path in ("jobs", "job", "component"):
        for method in ("post", "put", "delete", "patch"):
            assert getattr(http, method)(f"/board/api/{path}").status_code == 405


def test_what_json_has_no_form_for_becomes_text() -> None:
    assert plain([float("nan"), float("inf"), 1.5, (None, True)]) == [
        "nan",
        "inf",
        1.5,
        [None, True],
    ]
