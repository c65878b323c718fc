"""Waiting for a job: its pace, its end, and what is found out about a failure."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import (
    ArgumentError,
    Call,
    ConnectionFailed,
    FlowClient,
    JobFailed,
    ManualClock,
    Request,
    Response,
    Retry,
    TimedOut,
    hookimpl,
)


def row(status: str, progress: int = 0, **more: Any) -> dict[str, Any]:
    """Return a job's row of the initiator."""
    return {
        "f_status": status,
        "f_progress": progress,
        "f_role": "guest",
        "f_party_id": "9999",
        "f_is_initiator": True,
        "f_elapsed": 61000,
        "f_runtime_conf": {
            "job_parameters": {"common": {"model_id": "m#model", "model_version": "7"}}
        },
        **more,
    }


class Jobs:
    """A server with one job, whose looks follow each other; the last one holds.

    Args:
        looks: rows of the job at each look.
        tasks: rows of its tasks.
        log: its log files by name.
    """

    name = "jobs"

    def __init__(
        self,
        *looks: list[dict[str, Any]],
        tasks: list[dict[str, Any]] | None = None,
        log: Mapping[str, str] | None = None,
    ) -> None:
        self.looks = list(looks)
        self.tasks = tasks
        self.files = log
        self.asked: list[str] = []
        self.jobs: list[Mapping[str, Any]] = []

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        self.asked.append(call.operation.name)
        assert call.options["cache"] is False
        match call.operation.name:
            case "job.query":
                look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
                return envelope(look)
            case "task.query" if self.tasks is not None:
                return envelope(self.tasks)
            case "job.log" if self.files is not None:
                headers = {"Content-Disposition": "attachment; filename=x"}
                return Response(200, headers, iter([packed(self.files)]))
        return envelope(retcode=101, retmsg="nothing")

    @hookimpl
    def flowkit_job_changed(self, client: FlowClient, job: Mapping[str, Any]) -> None:
        self.jobs.append(job)


def packed(files: Mapping[str, str]) -> bytes:
    """Return a tar.gz of these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(0.0)


def test_a_job_that_is_done_is_done_at_once(clock: ManualClock) -> None:
    jobs = Jobs([row("success", 100)])
    reply = FlowClient(plugins=[jobs], clock=clock).job.wait(7)
    assert clock.now() == 0
    assert reply.ok
    assert reply.job_id == "7"
    assert reply.model_id == "m#model"
    assert reply.model_version == "7"
    assert reply.data["status"] == "success"
    assert reply.data["elapsed"] == 61000
    assert jobs.asked == ["job.query"]


def test_changes_are_told_once_each(clock: ManualClock) -> None:
    looks = [[row("waiting")]] * 3 + [[row("running", 40)]] * 2
    jobs = Jobs(*looks, [row("running", 80)], [row("success", 100)])
    seen: list[tuple[str, int]] = []
    flow = FlowClient(plugins=[jobs], clock=clock)
    flow.job.wait(7, on_change=lambda job: seen.append((job["status"], job["progress"])))
    assert seen == [("waiting", 0), ("running", 40), ("running", 80), ("success", 100)]
    assert [(job["status"], job["progress"]) for job in jobs.jobs] == seen
    assert jobs.jobs[0]["job_id"] == "7"
    assert jobs.jobs[0]["rows"] == [row("waiting")]


class Pauses(ManualClock):
    """A clock that notes how long it was slept on."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        super().sleep(seconds)


def test_pauses_grow_to_two_seconds() -> None:
    jobs = Jobs(*[[row("running")]] * 20, [row("success")])
    clock = Pauses()
    FlowClient(plugins=[jobs], clock=clock).job.wait(7)
    assert clock.pauses[0] == 0.05
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] == 2.0


def test_a_fixed_pause(clock: ManualClock) -> None:
    jobs = Jobs(*[[row("running")]] * 4, [row("success")])
    FlowClient(plugins=[jobs], clock=clock).job.wait(7, poll=0.5)
    assert clock.now() == 2.0


def test_a_job_that_does_not_end_in_time(clock: ManualClock) -> None:
    flow = FlowClient(plugins=[Jobs([row("running", 40)])], clock=clock)
    with pytest.raises(TimedOut, match=r"job 7 is still running \(40 %\) after 10 s; it goes on"):
        flow.job.wait(7, timeout=10)
    assert clock.now() == 10


def test_no_time_at_all_is_one_look(clock: ManualClock) -> None:
    jobs = Jobs([row("running")])
    with pytest.raises(TimedOut):
        FlowClient(plugins=[jobs], clock=clock).job.wait(7, timeout=0)
    assert jobs.asked == ["job.query"]


def test_the_initiators_row_decides(clock: ManualClock) -> None:
    host = row("running", f_role="host", f_is_initiator=False)
    assert FlowClient(plugins=[Jobs([host, row("success")])], clock=clock).job.wait(7).ok
    marked: dict[str, Any] = {
        "f_is_initiator": None,
        "f_initiator_role": "guest",
        "f_initiator_party_id": 9999,
    }
    looks = [{**host, **marked}, row("success", **marked)]
    assert FlowClient(plugins=[Jobs(looks)], clock=clock).job.wait(7).ok


def test_an_unknown_job_is_no_endless_wait(clock: ManualClock) -> None:
    flow = FlowClient("10.0.0.1", 9380, plugins=[Jobs([])], clock=clock)
    with pytest.raises(
        ArgumentError, match=r"http://10.0.0.1:9380 knows no job 7; is the id right"
    ):
        flow.job.wait(7)


@pytest.mark.parametrize("timeout", [-1, "5", True])
def test_a_timeout_that_is_none(timeout: Any) -> None:
    with pytest.raises(ArgumentError, match="timeout must be seconds"):
        FlowClient(plugins=[Jobs([])]).job.wait(7, timeout=timeout)


@pytest.mark.parametrize("poll", [0, (0.1, 0), -1, "1"])
def test_a_pause_that_is_none(poll: Any) -> None:
    with pytest.raises(ArgumentError, match="poll must be seconds"):
        FlowClient(plugins=[Jobs([])]).job.wait(7, poll=poll)


TRACEBACK = """[ERROR] [2021-06-01 10:03:20,123] [1:2] - task_executor.py[line:120]: no table
Traceback (most recent call last):
  File "/data/fate/python/fate_flow/operation/task_executor.py", line 117, in run_task
    run_object.run(component_parameters_on_party, task_run_args)
Exception: can not found table name: nosuch namespace: flowkit
"""


def task(component: str, role: str, party: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "f_component_name": component,
        "f_role": role,
        "f_party_id": party,
        "f_status": "failed",
        "f_party_status": status,
        **more,
    }


def test_a_failure_says_which_component_where_and_why(clock: ManualClock) -> None:
    tasks = [
        task("dataio_0", "guest", "9999", "waiting", f_status="waiting"),
        task("reader_0", "guest", "9999", "failed", f_end_time=2),
        task("reader_0", "host", "10000", "failed", f_end_time=2),
    ]
    log = {
        "fate_flow_schedule.log": "fine",
        "guest/9999/reader_0/std.log": "RuntimeWarning: beware",
        "host/10000/dataio_0/ERROR.log": "ValueError: of another component",
        "host/10000/reader_0/ERROR.log": TRACEBACK,
    }
    jobs = Jobs([row("failed", 20)], tasks=tasks, log=log)
    with pytest.raises(JobFailed) as caught:
        FlowClient(plugins=[jobs], clock=clock).job.wait(7)
    failure = caught.value
    assert (failure.job_id, failure.status) == ("7", "failed")
    assert (failure.component, failure.party) == ("reader_0", "host/10000")
    assert failure.reason == "can not found table name: nosuch namespace: flowkit"


def test_later_servers_tell_the_reason_themselves(clock: ManualClock) -> None:
    tasks = [task("lr_0", "guest", "9999", "failed", f_error_report="...\nValueError: too small")]
    jobs = Jobs([row("failed")], tasks=tasks)
    with pytest.raises(JobFailed, match="lr_0 on guest/9999: ValueError: too small"):
        FlowClient(plugins=[jobs], clock=clock).job.wait(7)
    assert "job.log" not in jobs.asked


@pytest.mark.parametrize(
    ("tasks", "log", "component", "reason"),
    [
        (None, None, None, ""),
        ([], None, None, ""),
        ([{"f_status": "success"}], None, None, ""),
        ([task("lr_0", "guest", "9999", "failed")], None, "lr_0", ""),
        ([task("lr_0", "guest", "9999", "failed")], {}, "lr_0", ""),
        ([task("lr_0", "guest", "9999", "failed")], {"guest/9999/lr_0/std.log": ""}, "lr_0", ""),
    ],
)
@pytest.mark.parametrize("status", ["failed", "canceled", "timeout"])
def test_what_cannot_be_found_out_does_not_hide_the_failure(
    clock: ManualClock,
    status: str,
    tasks: Any,
    log: Any,
    component: str | None,
    reason: str,
) -> None:
    flow = FlowClient(plugins=[Jobs([row(status)], tasks=tasks, log=log)], clock=clock)
    with pytest.raises(JobFailed, match=f"job 7 ended as {status}") as caught:
        flow.job.wait(7)
    assert (caught.value.component, caught.value.reason) == (component, reason)


def test_a_damaged_log_does_not_hide_the_failure(clock: ManualClock) -> None:
    def answer(request: Request) -> Response:
        if request.path.endswith("job/log"):
            headers = {"Content-Disposition": "attachment"}
            return Response(200, headers, iter([packed({"a": "b"})[:30]]))
        if request.path.endswith("task/query"):
            return envelope([task("lr_0", "guest", "9999", "failed")])
        return envelope([row("failed")])

    with pytest.raises(JobFailed, match=r"component lr_0 on guest/9999$"):
        FlowClient(plugins=[Server(answer)], clock=clock).job.wait(7)


def test_a_server_that_goes_away_is_told(clock: ManualClock) -> None:
    gone = ConnectionFailed("gone", sent=False)
    flow = FlowClient(plugins=[Server(gone)], clock=clock, retry=Retry(attempts=2))
    with pytest.raises(TimedOut, match=r"cannot be looked at after 9 s.*gone"):
        flow.job.wait(7, timeout=9)


def test_where_replies_are_wanted_a_failure_is_one(clock: ManualClock) -> None:
    flow = FlowClient(plugins=[Jobs([row("failed")])], clock=clock, on_error="reply")
    assert flow.job.wait(7) == {"retcode": 100, "retmsg": "job 7 ended as failed"}


def test_a_version_1_configuration_has_its_model_too(clock: ManualClock) -> None:
    conf = {"job_parameters": {"model_id": "v1#model", "model_version": "6"}}
    flow = FlowClient(plugins=[Jobs([row("success", f_runtime_conf=conf)])], clock=clock)
    assert flow.job.wait(7).model_id == "v1#model"


def test_the_looks_are_ordinary_queries(clock: ManualClock) -> None:
    server = Server(envelope([row("success")]))
    FlowClient(plugins=[server], clock=clock).job.wait("7")
    assert json.loads(server.requests[0].read()) == {"job_id": "7"}


class TestRerun:
    """A server reruns some seconds after it said so; until then the rows are those of the run before."""

    def test_the_old_end_is_not_taken_for_the_new_one(self) -> None:
        seen: list[str] = []
        jobs = Jobs(
            [row("failed", 40, f_rerun_signal=True)],
            [row("waiting", 40, f_rerun_signal=False)],
            [row("running", 80)],
            [row("success", 100)],
        )
        flow = FlowClient(plugins=[jobs], clock=ManualClock())
        reply = flow.job.wait("7", on_change=lambda job: seen.append(job["status"]))
        assert reply.data["status"] == "success"
        assert seen == ["waiting", "running", "success"]

    def test_a_forced_rerun_of_a_success_is_waited_for(self) -> None:
        jobs = Jobs(
            [row("success", 100, f_rerun_signal=True)],
            [row("running", 50, f_rerun_signal=False)],
            [row("failed", 60, f_rerun_signal=False)],
        )
        with pytest.raises(JobFailed, match="failed"):
            FlowClient(plugins=[jobs], clock=ManualClock()).job.wait("7")
