"""The log archive: there from the submit on, with the reason of every failure."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace

import pytest

import later
from flowkit_mockserver import MockServer
from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import pass_through
from flowkit_mockserver.jobs.logs import UnknownJobLogs, log_files, log_time, pack_logs
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.party import Party
from jobbing import PACE, Bench, bench, conf

TASK = ("DEBUG.log", "INFO.log", "fate_flow_schedule.log", "stat.log", "std.log")


def files(mock: Bench, job_id: str) -> dict[str, str]:
    jobs = mock.state.jobs
    mock.state.settle()
    job, plan = jobs.store.get(job_id), jobs.store.plan(job_id)
    assert job is not None
    assert plan is not None
    return dict(log_files(job, plan, jobs.tracker, jobs.now()))


def test_a_waiting_job_has_logs_of_the_schedule_only(mock: Bench) -> None:
    found = files(mock, mock.submit())

    assert sorted(found) == [
        "fate_flow_audit.log",
        "fate_flow_schedule.log",
        "fate_flow_schedule_error.log",
        "fate_flow_sql.log",
    ]
    assert "submit job successfully" in found["fate_flow_schedule.log"]


def test_every_task_that_ran_has_a_directory(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)

    found = files(mock, job_id)

    for party in ("guest/7001", "host/7002"):
        for component in ("reader_0", "dataio_0", "intersection_0"):
            assert {f"{party}/{component}/{name}" for name in TASK} <= found.keys()
    assert "guest/7001/dataio_0/fate_flow_stat.log" in found
    assert "guest/7001/reader_0/PROFILING.log" not in found
    assert not any(path.endswith("/ERROR.log") for path in found)
    assert "task success" in found["guest/7001/dataio_0/std.log"]
    assert f"Job {job_id} finished with success" in found["fate_flow_schedule.log"]


def test_the_reason_of_a_failure_is_in_the_logs_of_its_party(mock: Bench) -> None:
    mock.state.faults.fail_component("dataio_0", "not enough memory", role="guest")
    job_id = mock.submit()
    mock.finish(job_id)

    found = files(mock, job_id)

    for path in ("guest/7001/ERROR.log", "guest/7001/dataio_0/ERROR.log"):
        assert found[path].startswith("[ERROR] [")
        assert "not enough memory" in found[path]
    assert "Traceback" in found["guest/7001/dataio_0/std.log"]
    assert "not enough memory" in found["fate_flow_schedule_error.log"]
    assert "host/7002/ERROR.log" not in found
    assert not any("intersection_0" in path for path in found)


def test_a_canceled_job_says_so(mock: Bench) -> None:
    job_id = mock.submit()
    mock.pass_time(PACE)
    mock.state.jobs.stop(job_id)

    assert f"cancel job {job_id}" in files(mock, job_id)["fate_flow_schedule.log"]


@pytest.mark.parametrize(
    ("line", "place"),
    [("1.6", "secure_add_guest.py[line:1]"), ("1.11", "[secure_add_guest.fit] [line:1]")],
)
def test_the_toy_sum_tells_that_it_came_out(line: str, place: str) -> None:
    toy = {"secure_add_example_0": {"module": "SecureAddExample"}}
    with bench(fate_version=line) as mock:
        job_id = mock.submit(
            dsl={"components": toy},
            runtime_conf=conf()
            | {"component_parameters": {"common": {"secure_add_example_0": {"data_num": 150}}}},
        )
        assert mock.finish(job_id) == "success"
        found = files(mock, job_id)

    told = f"{place}: success to calculate secure_sum, it is 300.0"
    assert told in found["guest/7001/INFO.log"]
    assert told in found["guest/7001/secure_add_example_0/INFO.log"]
    assert "secure_sum" not in found["host/7002/INFO.log"]


def test_a_later_line_names_the_job_and_the_function() -> None:
    with bench(fate_version="1.11") as mock:
        job_id = mock.submit(
            dsl={"components": {"toy_0": {"module": "SecureAddExample"}}},
            runtime_conf=conf() | {"component_parameters": {"common": {"toy_0": {"data_num": 9}}}},
        )
        assert mock.finish(job_id) == "success"
        lines = files(mock, job_id)["guest/7001/toy_0/INFO.log"].splitlines()

    assert f"] [{job_id}] [" in lines[0]
    assert "- [base_worker.run] [line:1]: enter TaskExecutor worker in subprocess" in lines[0]
    finished = f"finish toy_0 {job_id}_toy_0 0 on guest 7001 with success"
    assert lines[-1].endswith(f"- [task_executor._run_] [line:1]: {finished}")


@pytest.mark.parametrize(
    ("version", "guest", "host"), [("1.8.0", 3, 2), ("1.9.0", 4, 3), ("1.11.4", 4, 3)]
)
def test_later_lines_warn_of_metrics_twice_of_batches_at_the_guest_and_of_a_meta_since_1_9(
    version: str, guest: int, host: int
) -> None:
    parts = later.dsl()
    parts["components"]["evaluation_0"] = {
        "module": "Evaluation",
        "input": {"data": {"data": ["lr_0.data"]}},
        "output": {"data": ["data"]},
    }
    with MockServer(fate_version=version) as mock:
        client = mock.app.test_client()
        later.upload(client)
        body = {"job_dsl": parts, "job_runtime_conf": later.conf()}
        job_id = later.post(client, "job/submit", body)["jobId"]
        asked = {"job_id": job_id, "log_type": "partyWarning"}
        written = [
            later.post(client, "log/size", {**asked, "role": role, "party_id": party})["data"]
            for role, party in (("guest", 9999), ("host", 10000), ("arbiter", 10000))
        ]

    assert written == [{"size": guest}, {"size": host}, {"size": 2}]


def test_an_archive_holds_the_files() -> None:
    archive = io.BytesIO()
    pack_logs(iter([("a/b.log", "text"), ("c.log", "")]), archive)

    with tarfile.open(fileobj=archive, mode="r:gz") as tar:
        assert tar.getnames() == ["a/b.log", "c.log"]
        member = tar.extractfile("a/b.log")
        assert member is not None
        assert member.read() == b"text"


def test_a_line_of_a_log_bears_milliseconds() -> None:
    assert log_time(1_622_541_784_017).endswith(",017")


def test_logs_of_jobs_that_do_not_exist_are_kept_for_what_may_be_an_id() -> None:
    unknown = UnknownJobLogs()
    unknown.note("2021", "ERROR", "no such table", 0)
    unknown.note("../etc", "INFO", "no", 0)

    assert "../etc" not in unknown
    assert [path for path, text in unknown.log_files("2021") if "no such table" in text] == [
        "fate_flow_schedule_error.log",
        "fate_flow_schedule.log",
    ]


def test_what_is_not_computed_as_fate_does_is_a_warning_of_the_task(
    mock: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transform(run: ComponentRun) -> dict[Party, PartyResult]:
        warnings = ["missing values are left out of the order of x0"]
        return {
            party: replace(result, warnings=warnings) for party, result in pass_through(run).items()
        }

    monkeypatch.setattr(
        Kind, "load", lambda self: pass_through if self.name != "DataIO" else transform
    )
    monkeypatch.setattr(Kind, "difference", property(lambda self: f"a stand-in for {self.name}"))
    job_id = mock.submit()
    mock.finish(job_id)

    log = files(mock, job_id)["guest/7001/dataio_0/WARNING.log"]

    assert "[WARNING]" in log
    assert "DataIO is a stand-in for DataIO" in log
    assert "DataIO is approximate: missing values are left out of the order of x0" in log
