"""Components compute without the server's lock; what happens to their jobs meanwhile counts."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowkit_mockserver import progress
from flowkit_mockserver.party import Party
from flowkit_mockserver.serving.privilege import Privilege
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import NotStored
from gates import PATIENCE, Gate, count_queued
from jobbing import DSL, PACE, READ, Bench, bench, conf, stock

UPLOAD = "namespace=n&table_name=t&head=0&partition=4&work_mode=0"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@contextmanager
def computing(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor, **settings: Any
) -> Iterator[tuple[Bench, Gate, str, Future[Any]]]:
    """Yield a server, the gate at which a job's DataIO stands, the job, and the request that computes it."""
    gate = Gate(monkeypatch, "DataIO")
    with bench(**settings) as mock:
        try:
            job_id = mock.submit()
            mock.pass_time(100 * PACE)
            asked = threads.submit(mock.status, job_id)
            gate.await_arrival()
            yield mock, gate, job_id, asked
        finally:
            gate.open()


def upload(mock: Bench, name: str = "t") -> dict[str, Any]:
    query = UPLOAD.replace("table_name=t", f"table_name={name}")
    content = {"file": (io.BytesIO(b"1,a\n2,b\n"), "a.csv")}
    answer = mock.http.post(f"/v1/data/upload?{query}", data=content).json
    assert isinstance(answer, dict)
    return answer


def test_who_asks_meanwhile_sees_the_task_running(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        assert mock.status(job_id) == "running"
        assert mock.tasks(job_id)["reader_0", "guest"] == ("success", "success")
        assert mock.tasks(job_id)["dataio_0", "guest"] == ("running", "running")
        assert not asked.done()

        gate.open()

        assert asked.result(PATIENCE) == "success"
        assert gate.runs.count((job_id, "dataio_0")) == 1


def test_nobody_else_waits_for_a_job_whose_turn_to_compute_has_not_come(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    queued = count_queued(monkeypatch)
    monkeypatch.setattr("flowkit_mockserver.computing.engine.is_large", lambda run: True)
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        other = mock.submit()
        mock.pass_time(100 * PACE)
        waiting = threads.submit(mock.status, other)
        assert queued.acquire(timeout=PATIENCE)
        assert [mock.status(one) for one in (job_id, other)] == ["running", "running"]
        assert not asked.done()
        assert not waiting.done()

        gate.open()

        assert (asked.result(PATIENCE), waiting.result(PATIENCE)) == ("success", "success")


def test_how_long_it_takes_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with bench() as quick:
        job_id = quick.submit()
        quick.finish(job_id)
        expected = quick.row(job_id)
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        mock.pass_time(100 * PACE)
        gate.open()
        asked.result(PATIENCE)

        times = [name for name in expected if name.endswith(("_time", "_date", "elapsed"))]
        assert {name: mock.row(job_id)[name] for name in times} == {
            name: expected[name] for name in times
        }


def test_uploads_do_not_wait(monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor) -> None:
    with computing(monkeypatch, threads) as (mock, _, _, asked):
        assert upload(mock)["retcode"] == 0
        mock.pass_time(100 * PACE)
        assert mock.ask("table/table_info", namespace="n", table_name="t")["data"]["count"] == 2
        assert not asked.done()


def test_a_stop_counts_and_the_result_does_not(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        assert mock.ask("job/stop", job_id=job_id)["retcode"] == 0
        assert mock.status(job_id) == "canceled"

        gate.open()

        assert asked.result(PATIENCE) == "canceled"
        assert mock.tasks(job_id)["dataio_0", "guest"] == ("canceled", "canceled")
        assert mock.state.jobs.tracker.of_component(job_id, "dataio_0") == {}


def test_a_rerun_gets_a_result_of_its_own(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        mock.ask("job/stop", job_id=job_id)
        for _ in range(2):  # the first one makes the new version, and is refused
            mock.ask("job/rerun", job_id=job_id, component_name="dataio_0")
        mock.pass_time(100 * PACE)
        again = threads.submit(mock.status, job_id)
        gate.await_arrival()

        gate.open()

        asked.result(PATIENCE)
        assert again.result(PATIENCE) in ("running", "success")
        assert mock.status(job_id) == "success"
        output = mock.state.jobs.tracker.get(job_id, "dataio_0", Party("guest", "7001"))
        assert output is not None
        assert output["task_version"] == 1


def test_nothing_of_what_computed_before_a_reset_is_there_after_it(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(monkeypatch, "DataIO")
    with bench(pace=0.0) as mock:
        job_id = mock.submit()
        asked = threads.submit(mock.ask, "job/query", job_id=job_id)
        gate.await_arrival()

        assert mock.http.post("/_flowkit/reset", json={}).status_code == 200
        stock(mock.state)
        assert mock.submit() == job_id  # the clock stands still, and ids come from the clock
        again = threads.submit(mock.status, job_id)
        gate.await_arrival()
        assert mock.status(job_id) == "running"
        gate.open()

        asked.result(PATIENCE)
        again.result(PATIENCE)
        assert mock.status(job_id) == "success"
        assert gate.runs.count((job_id, "dataio_0")) == 2
        assert gate.runs.count((job_id, "intersection_0")) == 1


def test_inputs_stay_as_they_were_at_the_start(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        mock.ask("job/clean", job_id=job_id, component_name="reader_0")
        for name in ("guest", "host"):
            mock.ask("table/delete", namespace="shop", table_name=name)

        gate.open()

        assert asked.result(PATIENCE) == "success"
        output = mock.state.jobs.tracker.get(job_id, "dataio_0", Party("guest", "7001"))
        assert output is not None
        (table,) = output["tables"]
        stored = mock.state.tables.get(table["namespace"], table["name"])
        assert stored is not None
        assert len(list(stored.records())) == 20
    # Nobody has the rows that were read: they are gone with the computation.
    assert mock.state.store.rows._pins._pins == {}


def test_a_commit_that_fails_meanwhile_takes_nothing_away(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    with computing(monkeypatch, threads, data=tmp_path) as (mock, gate, job_id, asked):
        state = mock.state
        with state.lock, monkeypatch.context() as broken:
            broken.setattr(state.store._db, "commit", _fail)
            state.tags.create("lost")
            with pytest.raises(Exception, match="could not be written"):
                state.commit()
        assert mock.status(job_id) == "running"

        gate.open()

        assert asked.result(PATIENCE) == "success"
        assert state.tags.first(10) == []
        assert gate.runs.count((job_id, "dataio_0")) == 1


def _fail() -> None:
    raise NotStored("the state could not be written: database or disk is full")


def test_a_server_closes_while_a_component_computes(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    gate = Gate(monkeypatch, "DataIO")
    with bench(data=tmp_path) as mock:
        job_id = mock.submit()
        mock.pass_time(100 * PACE)
        asked = threads.submit(mock.ask, "job/query", job_id=job_id)
        gate.await_arrival()
    try:
        again = ServerState(Settings(data=tmp_path, pace=PACE), clock=mock.clock)
    finally:
        gate.open()

    assert asked.result(PATIENCE)["retmsg"] == "the server was closed while it computed"
    again.settle()
    (row, *_) = again.jobs.queries.find_jobs({"job_id": job_id})
    assert row.job.status == "success"
    again.close()


def test_whoever_is_interrupted_leaves_the_task_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(run: object) -> Any:
        raise KeyboardInterrupt

    with bench() as mock:
        job_id = mock.submit()
        mock.pass_time(100 * PACE)
        with monkeypatch.context() as patched:
            patched.setattr("flowkit_mockserver.computing.engine.run_component", interrupt)
            with pytest.raises(KeyboardInterrupt):
                mock.state.settle()

        assert mock.status(job_id) == "success"


@pytest.mark.parametrize("count", [1, 24])
def test_many_who_ask_at_once_run_no_task_twice(
    count: int, monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(monkeypatch, "nothing")
    with bench(cores=10_000) as mock:
        jobs = [mock.submit() for _ in range(count)]
        mock.pass_time(100 * PACE)

        list(threads.map(lambda _: mock.state.settle(), range(32)))

        assert {mock.status(job_id) for job_id in jobs} == {"success"}
        assert set(Counter(gate.runs).values()) == {1}
        assert len(gate.runs) == len(DSL["components"]) * count


def test_two_tasks_of_one_job_come_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    dsl = {"components": {**DSL["components"], "reader_1": READ}}
    runtime_conf = conf(task_parallelism=2)
    for role, own in runtime_conf["component_parameters"]["role"].items():
        own["0"]["reader_1"] = {"table": {"name": role, "namespace": "shop"}}
    gate = Gate(monkeypatch, "Reader")
    with bench() as mock:
        job_id = mock.submit(dsl, runtime_conf)
        mock.pass_time(100 * PACE)
        asked = threads.submit(mock.status, job_id)
        gate.await_arrival()
        assert mock.status(job_id) == "running"
        assert len(gate.runs) == 1
        gate.open()

        assert asked.result(PATIENCE) == "success"
        assert len(gate.runs) == 4


def test_a_thread_that_must_not_compute_is_excused() -> None:
    with bench() as mock:
        job_id = mock.submit()
        done = Privilege(mock.state).take("/v1/job/query", b"{}")
        assert done is not None
        mock.pass_time(100 * PACE)

        assert mock.status(job_id) == "running"
        done()
        assert mock.status(job_id) == "success"


def test_small_jobs_are_waited_for(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads) as (mock, gate, job_id, asked):
        monkeypatch.setattr(progress, "SHORT", PATIENCE)
        monkeypatch.setattr(progress, "MOST", PATIENCE)
        also = threads.submit(mock.status, job_id)
        gate.open()

        assert (asked.result(PATIENCE), also.result(PATIENCE)) == ("success", "success")


def test_a_question_about_one_job_waits_for_no_other(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(progress, "SHORT", PATIENCE)
    monkeypatch.setattr(progress, "MOST", PATIENCE)
    gate = Gate(monkeypatch, "DataIO")
    with bench(cores=1000) as mock:
        gate.open()
        ended = mock.submit()
        assert mock.finish(ended) == "success"
        gate.close()
        running, due = mock.submit(), mock.submit()
        mock.pass_time(100 * PACE)
        asked = threads.submit(mock.status, running)
        gate.await_arrival(2)

        assert mock.status(ended) == "success"
        assert mock.tasks(ended)["dataio_0", "guest"] == ("success", "success")
        assert mock.rows(job_id="no such job") == []
        assert not asked.done()

        gate.open()
        assert asked.result(PATIENCE) == "success"
        assert mock.status(due) == "success"


def test_whoever_asks_about_a_job_computes_for_no_other(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(monkeypatch, "DataIO")
    with bench(cores=1000) as mock:
        jobs = [mock.submit() for _ in range(3)]
        mock.pass_time(100 * PACE)
        asked = [threads.submit(mock.status, job_id) for job_id in jobs[:2]]
        gate.await_arrival(2)

        # Each is at its own; a thread that had gone on with another's would leave its own waiting for that.
        assert {job_id for job_id, name in gate.runs if name == "dataio_0"} == set(jobs[:2])
        gate.open()

        assert [one.result(PATIENCE) for one in asked] == ["success", "success"]
        assert (jobs[2], "dataio_0") not in gate.runs
        assert mock.status(jobs[2]) == "success"


def test_a_job_that_waits_for_cores_is_helped_by_whoever_asks_for_it() -> None:
    with bench(cores=12) as mock:  # enough for one job at a time
        first, second = mock.submit(), mock.submit()
        mock.pass_time(100 * PACE)

        assert mock.status(second) == "success"
        assert mock.status(first) == "success"


def test_a_job_that_waits_gets_the_first_cores_that_are_free_whoever_is_asked_for() -> None:
    with bench(cores=16) as mock:  # enough for two jobs at a time
        first = mock.submit()
        mock.pass_time(2 * PACE)
        second, third = mock.submit(), mock.submit()
        mock.pass_time(100 * PACE)

        assert mock.status(second) == "success"
        assert mock.row(third)["f_start_time"] == mock.row(first)["f_end_time"]


def test_whoever_trains_on_what_somebody_else_uploads_finds_it(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    gate = Gate(monkeypatch, "Upload")
    with bench(pace=0.0) as mock:
        first = upload(mock, "first")["jobId"]
        asked = threads.submit(mock.status, first)
        gate.await_arrival()
        runtime_conf = conf()
        for own in runtime_conf["component_parameters"]["role"].values():
            own["0"]["reader_0"]["table"] = {"name": "first", "namespace": "n"}
        dsl = {"components": {"reader_0": READ}}
        trained = mock.submit(dsl, runtime_conf)

        assert mock.status(trained) == "running"
        assert [component for _, component in gate.runs] == ["upload_0"]
        gate.open()

        assert asked.result(PATIENCE) == "success"
        assert mock.status(trained) == "success"


def test_a_question_about_a_job_that_is_up_to_date_is_answered_at_once_whatever_else_computes(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(progress, "SHORT", PATIENCE)
    monkeypatch.setattr(progress, "MOST", 0.01)
    with computing(monkeypatch, threads, cores=8) as (mock, _, running, _):
        queued = mock.submit()

        assert not mock.state.unsettled(queued), "it waits for cores, which the other one keeps"
        done = Privilege(mock.state).take("/v1/job/query", b'{"job_id": "%s"}' % queued.encode())
        assert done is not None
        done()
        # The questions that the other answer matters to.
        for question in (b'{"job_id": "%s"}' % running.encode(), b"{}", b"[", b"7"):
            assert Privilege(mock.state).take("/v1/job/query", question) is None


def test_what_becomes_due_meanwhile_is_left_to_those_who_ask_then(
    monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> None:
    with computing(monkeypatch, threads, cores=1000) as (mock, gate, _, asked):
        later = mock.submit()
        mock.pass_time(100 * PACE)
        gate.open()
        assert asked.result(PATIENCE) == "success"

        assert [job_id for job_id, _ in gate.runs if job_id == later] == []
        assert mock.status(later) == "success"
