"""Two workers on one database: each sees at once what the other was told, and no task runs twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.computing import engine
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.store import StoreInUse
from jobbing import START, Bench
from shared_workers import count, status, upload, worker

PATIENCE = 60.0

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")


@pytest.fixture
def workers(database: str) -> Iterator[tuple[Bench, Bench]]:
    one, other = worker(database), worker(database)
    yield one, other
    other.state.close()
    one.state.close()


def test_what_one_was_told_the_other_knows(workers: tuple[Bench, Bench]) -> None:
    one, other = workers

    one.ask("model/tag/create", tag_name="gold", tag_desc="the best")
    assert other.ask("model/tag/retrieve", tag_name="gold")["data"]["tags"] != []
    other.ask("model/tag/update", tag_name="gold", new_tag_name="silver")
    one.ask("model/tag/create", tag_name="gold")
    other.ask("model/tag/destroy", tag_name="silver")

    tags = one.ask("model/tag/list", limit=10)["data"]["tags"]
    assert [tag["name"] for tag in tags] == ["gold"]


def test_a_job_that_one_took_in_runs_on_whichever_is_asked(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    for name in ("guest", "host"):
        assert upload(one, name)["retcode"] == 0
    assert count(other, "guest") == 20

    job_id = one.submit()

    assert status(other, job_id) == "success"
    assert status(one, job_id) == "success"
    listed = one.ask("job/list/job", limit=1)["data"]
    assert listed == other.ask("job/list/job", limit=1)["data"]


def test_an_uploaded_file_is_read_by_a_worker_that_it_did_not_come_to(database: str) -> None:
    clock = ManualClock(START)
    one, other = worker(database, clock, pace=10.0), worker(database, clock, pace=10.0)
    upload(one, "late", rows=30)
    assert [path.name for path in one.state.store.spool.iterdir()] != []

    clock.advance(100)

    assert count(other, "late") == 30
    assert count(one, "late") == 30
    assert list(one.state.store.spool.iterdir()) == []
    assert list(other.state.store.spool.iterdir()) == []
    one.state.close()
    other.state.close()


def test_an_upload_under_way_survives_all_workers(database: str) -> None:
    clock = ManualClock(START)
    one = worker(database, clock, pace=10.0)
    upload(one, "late", rows=30)
    one.state.close()
    clock.advance(100)

    other = worker(database, clock, pace=10.0)

    assert count(other, "late") == 30
    other.state.close()


def test_no_two_jobs_have_one_id_although_the_clock_stands_still(database: str) -> None:
    clock = ManualClock(START)
    workers = [worker(database, clock, pace="manual") for _ in range(2)]
    ids = [upload(workers[number % 2], f"t{number}")["jobId"] for number in range(6)]

    assert len(set(ids)) == 6
    assert ids == sorted(ids)
    for mock in workers:
        mock.state.close()


def test_time_that_one_moves_passes_for_all(database: str) -> None:
    one, other = worker(database, pace="manual"), worker(database, pace="manual")
    job_id = upload(one, "t")["jobId"]

    answer = other.http.post("/_flowkit/advance", json={"seconds": 50}).json
    assert answer is not None

    assert answer["retcode"] == 0
    assert status(one, job_id) == "success"
    assert one.state.clock.now() == other.state.clock.now()
    late = worker(database, pace="manual")
    assert late.state.clock.now() == one.state.clock.now()
    for mock in (late, other, one):
        mock.state.close()


def test_faults_that_one_was_ordered_meet_the_requests_of_all(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    one.http.post("/_flowkit/refuse", json={"path": "job/*", "status": 503, "times": 1})
    one.http.post("/_flowkit/fail", json={"component": "reader_0", "message": "no way"})

    assert other.http.post("/v1/job/list/job", json={"limit": 1}).status_code == 503
    assert one.http.post("/v1/job/list/job", json={"limit": 1}).status_code == 200
    upload(one, "guest")
    upload(one, "host")
    assert status(other, one.submit()) == "failed"


def test_a_reset_is_one_for_all(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    upload(one, "guest")
    assert count(other, "guest") == 20
    other.ask("model/tag/create", tag_name="gold")

    one.http.post("/_flowkit/reset", json={})

    assert count(other, "guest") == 0
    assert other.ask("model/tag/list", limit=10)["data"]["tags"] == []
    assert upload(other, "guest", drop=0)["retcode"] == 0
    assert count(one, "guest") == 20


def test_rows_that_nobody_has_are_gone(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    upload(one, "t", rows=50)
    upload(other, "t", rows=10)
    assert count(one, "t") == 10

    one.ask("table/delete", namespace="shop", table_name="t")
    # What a worker read ahead for a job that another one ran goes when it changes something itself.
    other.ask("model/tag/create", tag_name="gold")

    database = one.state.store._db
    assert database.read("SELECT count(*) FROM flowkit_chunks") == [(0,)]
    assert database.read("SELECT count(*) FROM flowkit_rowsets") == [(0,)]
    assert database.read("SELECT count(*) FROM flowkit_pins") == [(0,)]
    assert database.read("SELECT count(*) FROM flowkit_claims") == [(0,)]


class Runs:
    """The components that ran, in both workers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[tuple[str, str]] = []
        self.gate: threading.Event | None = None
        self.entered = threading.Event()
        original = engine.run_component

        def run(run: ComponentRun) -> Any:
            self.found.append((run.job_id, run.component))
            self.entered.set()
            if self.gate is not None:
                assert self.gate.wait(PATIENCE)
            return original(run)

        monkeypatch.setattr(engine, "run_component", run)


@contextmanager
def computing(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch, threads: ThreadPoolExecutor
) -> Iterator[tuple[Runs, str, Any]]:
    """Let the first worker compute a job, until the gate is opened."""
    one, _ = workers
    upload(one, "guest")
    upload(one, "host")
    assert (count(one, "guest"), count(one, "host")) == (20, 20)
    runs = Runs(monkeypatch)
    runs.gate = gate = threading.Event()
    job_id = one.submit()
    asked = threads.submit(status, one, job_id)
    assert runs.entered.wait(PATIENCE)
    try:
        yield runs, job_id, asked
    finally:
        gate.set()


def test_a_task_that_one_computes_is_passed_over_by_the_other(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = workers
    with ThreadPoolExecutor() as threads, computing(workers, monkeypatch, threads) as found:
        runs, job_id, asked = found
        assert [status(other, job_id) for _ in range(3)] == ["running"] * 3
        assert len(runs.found) == 1
        # The other has nothing to do for it: it does not look at the job again and again.
        assert not other.state.unsettled()
        assert other.ask("model/tag/create", tag_name="meanwhile")["retmsg"] == "success"

        assert runs.gate is not None
        runs.gate.set()
        assert asked.result(PATIENCE) == "success"
    assert status(other, job_id) == "success"
    assert sorted(runs.found) == [
        (job_id, name) for name in ("dataio_0", "intersection_0", "reader_0")
    ]


def test_what_reads_tables_waits_for_what_another_worker_does_with_them(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = workers
    with ThreadPoolExecutor() as threads, computing(workers, monkeypatch, threads) as found:
        runs, job_id, asked = found
        upload(other, "late")
        late = other.submit()
        assert status(other, late) == "running"
        assert [name for one, name in runs.found if one == late] == []

        assert runs.gate is not None
        runs.gate.set()
        assert asked.result(PATIENCE) == "success"
    assert (status(other, late), status(other, job_id)) == ("success", "success")
    assert count(other, "late") == 20


def test_the_claims_of_a_worker_that_died_are_given_back(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    with ThreadPoolExecutor() as threads, computing(workers, monkeypatch, threads) as found:
        runs, job_id, asked = found
        assert status(other, job_id) == "running"
        assert one.state.sharing is not None
        assert other.state.sharing is not None
        runs.gate, gate = None, runs.gate
        presence = one.state.sharing._presence
        presence._closed.set()
        assert presence._thread is not None
        presence._thread.join()  # no further sign of life
        database = other.state.store._db
        database.write(
            "UPDATE flowkit_workers SET beat = 0 WHERE owner = :owner",
            {"owner": one.state.store._db.owner},
        )

        other.state.sharing._presence.beat()

        assert status(other, job_id) == "success"
        assert runs.found.count((job_id, "reader_0")) == 2
        # What comes of the first attempt at last is dropped.
        assert gate is not None
        gate.set()
        assert asked.result(PATIENCE) == "success"
    assert runs.found.count((job_id, "dataio_0")) == 1


def test_many_jobs_on_two_workers_run_each_task_once(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    upload(one, "guest")
    upload(one, "host")
    assert (count(other, "guest"), count(other, "host")) == (20, 20)
    runs = Runs(monkeypatch)

    def work(mock: Bench) -> list[str]:
        ids = [mock.submit() for _ in range(6)]
        for job_id in ids:
            while status(mock, job_id) in ("waiting", "running"):
                pass
        return ids

    with ThreadPoolExecutor() as threads:
        ids = [job_id for found in threads.map(work, (one, other, one, other)) for job_id in found]

    assert len(set(ids)) == 24
    assert {status(one, job_id) for job_id in ids} == {"success"}
    assert sorted(runs.found) == sorted(
        (job_id, name) for job_id in ids for name in ("dataio_0", "intersection_0", "reader_0")
    )


def test_workers_with_other_settings_are_refused(database: str) -> None:
    one = worker(database, pace=0.5)

    with pytest.raises(StoreInUse, match=r"other settings .*--pace 0.5.*these are .*--pace 2"):
        worker(database, pace=2.0)
    one.state.close()
    worker(database, pace=2.0).state.close()


def test_the_password_of_a_database_is_never_shown(
    postgresql_server: Any, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(database="postgresql+psycopg://flowkit:pa55word@127.0.0.1/x")
    assert "pa55word" not in repr(settings)
    assert "pa55word" not in repr(replace(settings))
    one = worker(database)
    answer = one.http.get("/_flowkit").text
    assert "pa55word" not in answer
    assert one.state.store.name in answer
    one.state.close()
    assert "pa55word" not in caplog.text


def test_a_worker_that_learns_all_anew_while_it_computes_keeps_the_result(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    with ThreadPoolExecutor() as threads, computing(workers, monkeypatch, threads) as found:
        runs, job_id, asked = found
        jobs = one.state.jobs
        with one.state.lock:
            one.state.store.undo()
        assert one.ask("model/tag/create", tag_name="meanwhile")["retmsg"] == "success"
        assert one.state.jobs is not jobs
        assert status(other, job_id) == "running"

        assert runs.gate is not None
        runs.gate.set()
        assert asked.result(PATIENCE) == "success"
    assert status(other, job_id) == "success"
    assert sorted(component for _, component in runs.found) == [
        "dataio_0",
        "intersection_0",
        "reader_0",
    ]


def test_a_full_disk_refuses_what_it_cannot_keep_and_nothing_else(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.sqlite3"
    one = worker(url)
    upload(one, "kept")
    assert count(one, "kept") == 20
    full = SharedFull(one)

    answer = upload(one, "lost", rows=20_000)

    assert answer["retcode"] != 0
    assert "full" in answer["retmsg"]
    assert count(one, "kept") == 20
    full.end()
    assert upload(one, "lost", rows=20_000)["retcode"] == 0
    assert count(one, "lost") == 20_000
    one.state.close()


class SharedFull:
    """Lets the file of a worker's database grow no further, until `end`."""

    def __init__(self, mock: Bench) -> None:
        self._engine: Any = mock.state.store._db.engine._engine  # type: ignore[attr-defined]
        self._pages = mock.state.store._db.read("PRAGMA page_count")[0][0]
        self._engine.dispose()
        self._event = pytest.importorskip("sqlalchemy").event
        self._event.listen(self._engine, "connect", self._limit)

    def _limit(self, connection: Any, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self._pages}")

    def end(self) -> None:
        """Let it grow again."""
        self._event.remove(self._engine, "connect", self._limit)
        self._engine.dispose()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_child_that_came_out_of_a_fork_is_a_worker_of_its_own(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    one.ask("model/tag/create", tag_name="before")
    child = os.fork()
    if child == 0:
        answer = one.ask("model/tag/create", tag_name="by the child")
        os._exit(0 if answer["retmsg"] == "success" else 1)
    _, code = os.waitpid(child, 0)

    assert code == 0
    one.ask("model/tag/create", tag_name="after")
    tags = other.ask("model/tag/list", limit=10)["data"]["tags"]
    assert [tag["name"] for tag in tags] == ["before", "by the child", "after"]
