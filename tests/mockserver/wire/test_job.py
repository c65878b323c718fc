"""job/…: what each endpoint answers, well and badly asked."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from flowkit_mockserver.party import Party
from jobbing import DSL, PACE, Bench, bench, conf

STOPPED = "stop job on this party True;\nstop job on all party success"


@pytest.fixture
def mock() -> Iterator[Bench]:
    with bench() as made:
        yield made


def test_submit_says_where_everything_is(mock: Bench) -> None:
    answer = mock.ask("job/submit", job_dsl=DSL, job_runtime_conf=conf())

    job_id = answer["jobId"]
    assert (answer["retcode"], answer["retmsg"]) == (0, "success")
    home = f"/data/projects/fate/jobs/{job_id}"
    assert answer["data"] == {
        "job_id": job_id,
        "model_info": {"model_id": "guest-7001#host-7002#model", "model_version": job_id},
        "logs_directory": f"/data/projects/fate/logs/{job_id}",
        "board_url": (
            f"http://127.0.0.1:8080/index.html#/dashboard?job_id={job_id}&role=guest&party_id=7001"
        ),
        "job_dsl_path": f"{home}/job_dsl.json",
        "job_runtime_conf_path": f"{home}/job_runtime_conf.json",
        "job_runtime_conf_on_party_path": f"{home}/guest/job_runtime_on_party_conf.json",
        "train_runtime_conf_path": f"{home}/train_runtime_conf.json",
        "pipeline_dsl_path": f"{home}/pipeline_dsl.json",
    }


def test_a_wrong_submit_leaves_nothing_behind(mock: Bench) -> None:
    answer = mock.ask("job/submit", job_dsl={}, job_runtime_conf=conf())

    assert answer == {
        "retcode": 100,
        "retmsg": "There are no dsl, please check if the role and party id are correct",
    }
    assert mock.ask("job/list/job", limit=0) == {"retcode": 101, "retmsg": "No job found"}


def test_rows_have_every_column(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    row = mock.row(job_id)
    (task, *_) = mock.ask("job/task/query", job_id=job_id)["data"]

    assert len(row) == 44
    assert len(task) == 26
    assert row["f_roles"] == {"guest": [7001], "host": [7002]}
    assert row["f_user"] == {"guest": {"7001": ""}, "host": {"7002": ""}}
    assert row["f_initiator_party_id"] == "7001"
    assert row["f_runtime_conf_on_party"]["job_parameters"]["model_version"] == job_id
    assert row["f_train_runtime_conf"] == {}
    assert row["f_create_date"].endswith(" GMT")
    assert task["f_federated_mode"] == "SINGLE"
    assert task["f_federated_status_collect_type"] == "PULL"


def test_answers_are_sorted_and_compact_whether_at_hand_or_not(mock: Bench) -> None:
    job_id = mock.submit()
    waiting = mock.http.post("/v1/job/query", json={"job_id": job_id}).data
    mock.finish(job_id)
    texts = [mock.http.post("/v1/job/query", json={"job_id": job_id}).data for _ in range(2)]

    for text in (waiting, *texts):
        envelope = json.loads(text)
        compact = json.dumps(envelope, sort_keys=True, separators=(",", ":"))
        assert text.decode() == compact + "\n"
    assert texts[0] == texts[1] != waiting


@pytest.mark.parametrize(
    ("filters", "roles"),
    [
        ({}, ["host", "guest"]),
        ({"role": "guest"}, ["guest"]),
        ({"party_id": 7002}, ["host"]),
        ({"component_name": "anything"}, ["host", "guest"]),
        ({"status": "success"}, ["host", "guest"]),
        ({"status": ["failed", "success"], "is_initiator": True}, ["guest"]),
        ({"role": "host", "party_id": "7001"}, []),
        ({"start_time": ["2020-01-01 00:00:00", "2021-01-01 00:00:00"]}, ["host", "guest"]),
        ({"elapsed": [0, 1]}, []),
        ({"order_by": "create_time", "reverse": True}, ["guest", "host"]),
    ],
)
def test_job_rows_are_found_by_their_columns(
    mock: Bench, filters: dict[str, Any], roles: list[str]
) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    answer = mock.ask("job/query", job_id=job_id, **filters)

    assert [row["f_role"] for row in answer["data"]] == roles
    assert answer["retmsg"] == ("success" if roles else "no job could be found")


@pytest.mark.parametrize("filters", [{}, {"component_name": "reader_0"}, {"job_id": None}])
def test_without_a_usable_filter_no_job_is_found(mock: Bench, filters: dict[str, Any]) -> None:
    mock.submit()

    assert mock.ask("job/query", **filters) == {
        "retcode": 0,
        "retmsg": "no job could be found",
        "data": [],
    }


def test_without_a_filter_all_tasks_are_found(mock: Bench) -> None:
    mock.submit()
    mock.submit()

    assert len(mock.ask("job/task/query")["data"]) == 12
    assert mock.ask("job/task/query", status="failed") == {
        "retcode": 101,
        "retmsg": "find task failed",
    }


def test_lists_are_newest_first_and_count_rows(mock: Bench) -> None:
    first, second = mock.submit(), mock.submit()

    jobs = mock.ask("job/list/job", limit=3)["data"]
    tasks = mock.ask("job/list/task", limit=2)["data"]

    assert [(row["f_job_id"], row["f_role"]) for row in jobs] == [
        (second, "guest"),
        (second, "host"),
        (first, "guest"),
    ]
    assert [row["f_component_name"] for row in tasks] == ["intersection_0", "dataio_0"]
    assert len(mock.ask("job/list/job", limit=-1)["data"]) == 4


@pytest.mark.parametrize(("limit", "kind"), [(None, "NoneType"), ("2", "str")])
def test_a_limit_that_is_no_number_is_refused(mock: Bench, limit: Any, kind: str) -> None:
    text = f"'>' not supported between instances of '{kind}' and 'int'"

    for path in ("job/list/job", "job/list/task"):
        assert mock.ask(path, limit=limit) == {"retcode": 100, "retmsg": text}


def test_no_tasks_are_an_error_of_their_own(mock: Bench) -> None:
    assert mock.ask("job/list/task", limit=1) == {"retcode": 100, "retmsg": "No task found"}


def test_stopping(mock: Bench) -> None:
    job_id = mock.submit()

    assert mock.ask("job/stop", job_id=job_id) == {"retcode": 0, "retmsg": STOPPED}
    assert mock.ask("job/stop", job_id=job_id)["retcode"] == 0
    for body in ({"job_id": "nope"}, {}):
        assert mock.ask("job/stop", **body) == {"retcode": 102, "retmsg": "can not found job"}


def test_a_stop_may_name_the_status(mock: Bench) -> None:
    job_id = mock.submit()
    mock.pass_time(PACE)

    mock.ask("job/stop", job_id=job_id, stop_status="failed")

    assert mock.status(job_id) == "failed"
    assert not mock.row(job_id)["f_cancel_signal"]


def test_rerunning(mock: Bench) -> None:
    job_id = mock.submit()
    mock.ask("job/stop", job_id=job_id)

    answer = mock.ask("job/rerun", job_id=job_id, component_name="pipeline")
    assert answer == {"retcode": 0, "retmsg": "rerun job success"}
    assert mock.ask("job/rerun", job_id="nope")["retcode"] == 102


def test_cleaning_the_queue_needs_no_body(mock: Bench) -> None:
    empty = mock.http.post("/v1/job/clean/queue").json
    job_id = mock.submit()
    cleaned = mock.http.post("/v1/job/clean/queue", data="{", content_type="application/json").json

    assert empty == {"data": {}, "retcode": 0, "retmsg": "success"}
    assert cleaned == {"data": {job_id: 0}, "retcode": 0, "retmsg": "success"}


def test_the_configuration_of_a_job(mock: Bench) -> None:
    job_id = mock.submit()

    answer = mock.ask("job/config", job_id=job_id, role="host", party_id="7002", output_path="/x")

    assert answer["data"]["dsl"] == DSL
    assert answer["data"]["model_info"]["model_version"] == job_id
    assert answer["data"]["runtime_conf"]["job_parameters"]["common"]["task_parallelism"] == 1
    assert answer["data"]["train_runtime_conf"] == {}
    assert mock.ask("job/config", job_id="nope") == {"retcode": 101, "retmsg": "find job failed"}


def test_logs_come_as_an_archive(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    response = mock.http.get("/v1/job/log", json={"job_id": job_id})

    assert response.headers["Content-Disposition"] == (
        f"attachment; filename=job_{job_id}_log.tar.gz"
    )
    with tarfile.open(fileobj=io.BytesIO(response.data)) as tar:
        assert "guest/7001/dataio_0/std.log" in tar.getnames()


def test_without_a_job_all_logs_come(mock: Bench) -> None:
    job_id = mock.submit()

    with (
        mock.http.get("/v1/job/log", json={}) as response,
        tarfile.open(fileobj=io.BytesIO(response.data)) as tar,
    ):
        assert all(name.startswith(f"{job_id}/") for name in tar.getnames())


def test_logs_of_an_unknown_job(mock: Bench) -> None:
    response = mock.http.get("/v1/job/log", json={"job_id": "2099"})

    assert response.status_code == 210
    text = "/data/projects/fate/logs/2099 not found. Please check if the job id is valid."
    assert response.json == {"retcode": 210, "retmsg": f"Log file path: {text}"}


def test_a_description_belongs_to_one_row(mock: Bench) -> None:
    job_id = mock.submit()
    body = {"job_id": job_id, "role": "guest", "party_id": 7001}

    assert mock.ask("job/update", **body, notes="mine") == {"retcode": 0, "retmsg": "success"}
    assert [row["f_description"] for row in mock.rows(job_id=job_id)] == ["", "mine"]
    mock.ask("job/update", **body)
    assert mock.row(job_id)["f_description"] == ""
    assert mock.ask("job/update", **{**body, "job_id": "2099"})["retmsg"] == "find job failed"
    assert mock.ask("job/update", job_id=job_id)["retmsg"] == "'party_id'"


def test_the_address_of_the_board(mock: Bench) -> None:
    job_id = mock.submit()
    body = {"job_id": job_id, "role": "host", "party_id": 7002}

    (url,) = mock.ask("job/url/get", **body)["data"]["board_url"]
    assert url.endswith(f"job_id={job_id}&role=host&party_id=7002")
    assert mock.ask("job/url/get", **{**body, "role": "guest"})["retmsg"] == "no found job"
    assert mock.ask("job/url/get", job_id=job_id) == {
        "retcode": 100,
        "retmsg": "required parameters are missing: role,party_id;",
    }


def test_the_data_view_shows_one_partys_records_unless_one_is_chosen(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    mixed = mock.ask("job/data/view/query", job_id=job_id)["data"]
    chosen = mock.ask("job/data/view/query", job_id=job_id, role="host", party_id=7002)["data"]

    assert [row["f_component_name"] for row in mixed] == ["reader_0", "dataio_0", "intersection_0"]
    assert {row["f_role"] for row in mixed} == {"guest"}
    assert {row["f_role"] for row in chosen} == {"host"}
    assert chosen[1]["f_data_name"] == "inst"
    assert chosen[1]["f_table_namespace"] == f"output_data_{job_id}_dataio_0_0"
    assert chosen[1]["f_create_date"] is None


@pytest.mark.parametrize("body", [{}, {"job_id": "2099"}, {"job_id": 7}])
def test_nothing_to_view(mock: Bench, body: dict[str, Any]) -> None:
    mock.submit()

    assert mock.ask("job/data/view/query", **body) == {
        "retcode": 101,
        "retmsg": "find data view failed",
    }


def test_cleaning_takes_tables_and_metrics_and_leaves_rows(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    assert mock.ask("job/clean", job_id=job_id) == {"retcode": 0, "retmsg": "success"}

    output = mock.state.jobs.tracker.get(job_id, "dataio_0", Party("guest", "7001"))
    assert output is not None
    (table,) = output["tables"]
    assert mock.state.tables.get(table["namespace"], table["name"]) is None
    assert output["metrics"] == {}
    assert mock.status(job_id) == "success"
    assert mock.ask("job/clean", job_id="2099") == {"retcode": 100, "retmsg": "no found task"}


@pytest.mark.parametrize("given", [["reader_0", "dataio_0"], "[reader_0,\n dataio_0]"])
def test_a_predict_dsl_is_generated(mock: Bench, given: Any) -> None:
    answer = mock.ask("job/dsl/generate", cpn_str=given, train_dsl=json.dumps(DSL), version="2")

    assert list(answer["data"]["components"]) == ["dataio_0", "reader_0"]
    model = answer["data"]["components"]["dataio_0"]["input"]["model"]
    assert model == ["pipeline.dataio_0.io"]


def test_a_generated_dsl_may_come_as_a_file(mock: Bench) -> None:
    body = {"cpn_str": ["reader_0"], "train_dsl": json.dumps(DSL), "filename": "dsl.json"}

    response = mock.http.post("/v1/job/dsl/generate", json=body)

    assert "filename=dsl.json" in response.headers["Content-Disposition"]
    assert json.loads(response.data)["components"]["reader_0"]["module"] == "Reader"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cpn_str": "reader_0", "train_dsl": "{"},
        {"cpn_str": ["nope_0"], "train_dsl": json.dumps(DSL)},
        {"cpn_str": ["reader_0"], "train_dsl": json.dumps(DSL), "version": "1"},
    ],
)
def test_every_problem_of_generation_reads_the_same(mock: Bench, body: dict[str, Any]) -> None:
    response = mock.http.post("/v1/job/dsl/generate", json=body)

    assert response.status_code == 210
    assert response.json is not None
    assert response.json["retmsg"].startswith("DSL generating failed. For more details, ")


@pytest.mark.parametrize("content", ["", "null", "[]", '"x"'])
@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("job/query", "query_job"),
        ("job/config", "query_job"),
        ("job/task/query", "query_task"),
        ("job/data/view/query", "query_output_data_infos"),
    ],
)
def test_a_body_that_is_no_object_cannot_be_filters(
    mock: Bench, path: str, function: str, content: str
) -> None:
    kind = type(json.loads(content or "null")).__name__
    header = "application/json" if content else None

    answer = mock.http.post(f"/v1/{path}", data=content, content_type=header).json

    text = f"{function}() argument after ** must be a mapping, not {kind}"
    assert answer == {"retcode": 100, "retmsg": text}


@pytest.mark.parametrize("path", ["submit", "stop", "rerun", "list/job", "dsl/generate"])
def test_a_body_that_is_no_object_has_no_fields(mock: Bench, path: str) -> None:
    answer = mock.http.post(f"/v1/job/{path}", json=None).json

    assert answer == {"retcode": 100, "retmsg": "'NoneType' object has no attribute 'get'"}


@pytest.mark.parametrize("path", ["job/stop", "job/data/view/query"])
def test_asking_about_an_unknown_job_can_start_a_log_of_it(mock: Bench, path: str) -> None:
    mock.ask(path, job_id="20990101000000000000")

    response = mock.http.get("/v1/job/log", json={"job_id": "20990101000000000000"})

    with tarfile.open(fileobj=io.BytesIO(response.data)) as tar:
        names = ["fate_flow_schedule.log", "fate_flow_schedule_error.log"]
        assert sorted(tar.getnames()) == names


def test_no_log_is_started_of_what_cannot_be_a_job(mock: Bench) -> None:
    mock.ask("job/stop", job_id="../secret")

    assert mock.http.get("/v1/job/log", json={"job_id": "../secret"}).status_code == 210
