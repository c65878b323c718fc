"""Jobs outlive the server that took them in."""

from __future__ import annotations

from pathlib import Path

from flowkit_mockserver.jobs.store import JobStore
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


def test_a_job_that_has_ended_is_held_as_text(tmp_path: Path) -> None:
    with bench() as mock:
        job_id = mock.submit()
        assert "attempts" in mock.state.store.collection("jobs")[job_id]

        mock.finish(job_id)

        assert set(mock.state.store.collection("jobs")[job_id]) == {"text"}
        again = JobStore(mock.state.store)
        assert again.get(job_id) == mock.state.jobs.store.get(job_id)
        assert again.live() == []
        assert again.plan("nonsense") is again.get("nonsense") is None
