"""Answers as a notebook shows them, and in a line."""

from __future__ import annotations

import pytest

from flowkit import OPERATIONS, FlowClient, Reply
from flowkit.demo.steps import train, upload
from flowkit_mockserver import MockServer
from recorded_results import answer

HOSTILE = "<img src=x onerror=alert(1)>"


def html(reply: Reply[object]) -> str:
    return reply._repr_html_()


def test_rows_are_a_table_of_what_people_look_for() -> None:
    rows = [{"f_job_id": "1", "f_status": "success", "f_memory": 0}] * 60
    made = html(Reply({"retcode": 0, "retmsg": "success", "data": rows}))
    assert "<p>retcode: 0, retmsg: success</p>" in made
    assert '<th scope="col">f_status</th>' in made
    assert "f_memory" not in made
    assert "50 of 60 rows" in made


def test_a_page_says_how_many_there_are_in_all() -> None:
    data = {"jobs": [{"job_id": "1", "status": "failed"}], "count": 900}
    assert "1 of 900 rows" in html(Reply({"retcode": 0, "data": data}))


def test_a_job_is_its_status_and_its_graph() -> None:
    with MockServer() as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        waited = html(flow.job.wait(job_id))  # type: ignore[arg-type]
        queried = html(flow.job.query(job_id))  # type: ignore[arg-type]
        overview = flow.job.overview(job_id)
    for made in (waited, queried):
        assert f"Job {job_id}: ✓ success (100 %)" in made
        assert made.count("<svg") == 1
        assert "hetero_lr_0" in made
    assert "✓ success, " in overview._repr_html_()
    assert repr(overview) == f"<JobOverview {job_id}: success (100 %)>"
    assert str(overview).splitlines()[1].startswith("  ✓  reader_0")


def test_metrics_are_a_table() -> None:
    made = html(Reply(answer("1.6", "evaluation")))
    assert "auc: 0.955724, ks: 0.814849" in made
    assert "ROC_EVALUATION" in made


@pytest.mark.parametrize(
    "data", [{HOSTILE: HOSTILE}, [HOSTILE], HOSTILE, [{HOSTILE: HOSTILE}], {"x": {HOSTILE: 1}}]
)
def test_hostile_answers_stay_text(data: object) -> None:
    made = html(Reply({"retcode": 100, "retmsg": HOSTILE, "data": data}))
    assert "<img" not in made
    assert "&lt;img" in made


@pytest.mark.parametrize("data", [None, [], {}, ""])
def test_nothing_is_shown_of_nothing(data: object) -> None:
    assert html(Reply({"retcode": 0, "data": data})) == "<div><p>retcode: 0</p></div>"


def test_secrets_are_masked_in_every_form() -> None:
    reply = Reply({"retcode": 0, "retmsg": "token=hunter22", "data": {"secret_key": "hunter22"}})
    assert "hunter22" not in html(reply) + repr(reply)


def test_a_reply_in_a_line_is_short_and_as_text_whole() -> None:
    reply = Reply({"retcode": 0, "data": [{"f_dsl": {"a": "x" * 10_000}}] * 1000})
    assert len(repr(reply)) < 400
    assert repr(reply).startswith("Reply({'retcode': 0, 'data': [{")
    assert str(reply) == str(dict(reply))


def test_a_group_says_what_can_be_called() -> None:
    flow = FlowClient()
    assert repr(flow.task) == "<flowkit.groups.task.Task: list, query>"
    made = flow.task._repr_html_()
    assert "task.query(job_id=None, role=None, party_id=None" in made
    assert "Look up tasks by filters" in made


def test_the_table_of_operations_shows_every_one() -> None:
    made = OPERATIONS._repr_html_()
    assert repr(OPERATIONS) == f"<Operations: {len(OPERATIONS)}>"
    assert all(f"flow.{operation.name}<" in made for operation in OPERATIONS)


def test_the_preview_of_a_table_has_its_columns() -> None:
    meta = {"header": [["id", "y"]], "names": ["data"], "total": [2]}
    made = html(Reply({"retcode": 0, "data": [[["7", 1], ["8", 0]]], "meta": meta}))
    assert made.count("<tr>") == 3
    assert '<th scope="col">y</th>' in made
    several = {"header": [["id"], ["id"]], "names": ["train_data", "test_data"]}
    assert "several tables" in html(Reply({"data": [[["1"]], [["2"]]], "meta": several}))
