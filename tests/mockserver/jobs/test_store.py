"""Jobs outlive the server that took them in."""

from __future__ import annotations

import base64
import gc
import json
import tracemalloc
import zlib
from pathlib import Path

from flowkit_mockserver.jobs.store import JobStore, job_document, pack_plan, unpack_plan
from flowkit_mockserver.party import Party
from jobbing import PACE, bench


def test_a_job_goes_on_where_the_last_server_left_it(tmp_path: Path) -> None:
    with bench(data=tmp_path) as mock:
        job_id = mock.submit()
        queued = mock.submit(task_cores=10)
        mock.pass_time(PACE)
        half = mock.tasks(job_id)

    with bench(data=tmp_path) as mock:
        mock.pass_time(PACE)
        assert mock.tasks(job_id) == half
        assert mock.status(queued) == "waiting"
        assert mock.finish(job_id) == "success"
        assert mock.finish(queued) == "success"


def test_finished_jobs_stay_as_they_are(tmp_path: Path) -> None:
    with bench(data=tmp_path) as mock:
        job_id = mock.submit()
        mock.finish(job_id)
        mock.state.jobs.describe(job_id, Party("guest", "7001"), "kept")
        rows = mock.rows(job_id=job_id)
        mock.state.store.commit()

    with bench(data=tmp_path) as mock:
        assert mock.rows(job_id=job_id) == rows
        output = mock.state.jobs.tracker.get(job_id, "dataio_0", Party("guest", "7001"))
        assert output is not None
        assert output["model"]["module"] == "DataIO"


def test_no_id_is_drawn_twice_across_restarts(tmp_path: Path) -> None:
    with bench(data=tmp_path) as mock:
        first = mock.submit()
    with bench(data=tmp_path) as mock:
        assert mock.submit() != first


def test_a_job_is_kept_as_text(tmp_path: Path) -> None:
    with bench() as mock:
        job_id = mock.submit()
        assert set(mock.state.store.collection("jobs")[job_id]) == {"live"}
        again = JobStore(mock.state.store)
        assert again.live() == mock.state.jobs.store.live()

        mock.finish(job_id)

        assert set(mock.state.store.collection("jobs")[job_id]) == {"text"}
        again = JobStore(mock.state.store)
        assert again.get(job_id) == mock.state.jobs.store.get(job_id)
        assert again.live() == []
        assert again.plan("nonsense") is again.get("nonsense") is None


def test_jobs_are_unfinished_that_run_or_were_canceled(tmp_path: Path) -> None:
    with bench(data=tmp_path) as mock:
        ended, canceled, running = mock.submit(), mock.submit(), mock.submit()
        mock.state.jobs.stop(canceled, "canceled")
        mock.state.jobs.stop(ended, "failed")
        assert list(mock.state.jobs.store.unfinished()) == [canceled, running]


def test_a_job_goes_on_that_was_kept_as_it_is(tmp_path: Path) -> None:
    with bench(data=tmp_path) as mock:
        job_id = mock.submit()
        jobs, job = mock.state.store.collection("jobs"), mock.state.jobs.store.get(job_id)
        assert job is not None
        jobs[job_id] = job_document(job)  # as versions before this one have it
        mock.state.commit()

    with bench(data=tmp_path) as mock:
        assert mock.finish(job_id) == "success"


def test_a_plan_is_read_as_it_was_packed_by_this_version_and_those_before() -> None:
    document = {"a": ["é", 1.5, None], "b": "x" * 5000}
    before = base64.b85encode(zlib.compress(json.dumps(document).encode(), 1)).decode()

    assert unpack_plan(pack_plan(document)) == document
    assert unpack_plan(before) == document
    assert (pack_plan(document)[0], before[0]) == ("e", "c")


def test_thousands_of_jobs_that_wait_take_little_memory() -> None:
    def submit(count: int) -> int:
        for _ in range(count):
            mock.submit()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        with bench() as mock:
            before = submit(100)  # of the newest more is remembered
            each = (submit(200) - before) / 200
    finally:
        tracemalloc.stop()

    # Its facts, its text and plan, its places in the queue and the store; and a KB that the journal has of the submit.
    assert each < 7_000
