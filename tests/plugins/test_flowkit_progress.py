"""Progress: what is shown of transfers and jobs, on a terminal and elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as RichProgress

from fakes import Server, envelope
from flowkit import (
    Call,
    ConnectionFailed,
    FlowClient,
    ManualClock,
    Request,
    Response,
    Retry,
    hookimpl,
)
from flowkit_progress import Bars, Cells, Lines, Progress

JOB = "202106010203040506070"


class Wire:
    """Sends with a function of the test's."""

    def __init__(self, send: Callable[[Call, Request], Response]) -> None:
        self._send = send

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        return self._send(call, request)


def row(component: str, party: str, status: str, start: int | None = 1) -> dict[str, Any]:
    return {
        "f_component_name": component,
        "f_role": "guest",
        "f_party_id": party,
        "f_party_status": status,
        "f_start_time": start,
    }


def tasks(*rows: dict[str, Any]) -> FlowClient:
    return FlowClient(plugins=[Server(envelope(list(rows)))], clock=ManualClock())


def change(status: str, progress: int) -> dict[str, Any]:
    return {"job_id": JOB, "status": status, "progress": progress, "rows": []}


def test_elsewhere_a_line_is_printed_when_something_has_changed() -> None:
    output = io.StringIO()
    plugin = Progress(Lines(output), components=False)
    flow = tasks()
    for status, progress in [("waiting", 0), ("running", 10), ("running", 11), ("success", 100)]:
        plugin.flowkit_job_changed(flow, change(status, progress))
    assert output.getvalue().splitlines() == [
        f"job {JOB} 0 % waiting",
        f"job {JOB} 10 % running",
        f"job {JOB} 100 % success",
    ]


def test_components_are_shown_with_their_parties_in_the_order_of_their_start() -> None:
    output = io.StringIO()
    plugin = Progress(Lines(output))
    flow = tasks(
        row("lr_0", "1", "waiting", None),
        row("reader_0", "1", "success"),
        row("reader_0", "2", "running"),
    )
    plugin.flowkit_job_changed(flow, change("running", 20))
    assert output.getvalue().splitlines() == [
        f"job {JOB} 20 % running",
        "  reader_0 50 % guest 1 success, guest 2 running",
        "  lr_0 0 % guest 1 waiting",
    ]


def test_uploads_and_downloads_are_told_apart_and_shown_by_tenths() -> None:
    output = io.StringIO()
    plugin = Progress(Lines(output))
    pieces = [b"x" * 10] * 20

    def send(call: Any, request: Request) -> Response:
        done = 0
        for piece in pieces:
            done += len(piece)
            call.client.hooks.transferred(call, done, 200)
        return envelope()

    flow = FlowClient(plugins=[plugin])
    call, _ = _open(flow, send, download=True)
    assert call.operation.name == "job.log"
    lines = output.getvalue().splitlines()
    assert lines[0] == "download job.log 5 %"
    assert lines[-1] == "download job.log 100 %"
    assert len(lines) == 11


def _open(flow: FlowClient, send: Any, *, download: bool) -> Any:
    request = Request("GET", "http://flow", "/v1/job/log", download=download)
    with flow.using(Wire(send)):
        return flow.open("job.log", {}, request)


def test_of_an_unknown_size_the_bytes_are_shown() -> None:
    output = io.StringIO()
    lines = Lines(output)
    lines.show("x", "download", 70000, None)
    assert output.getvalue() == "download 70,000 bytes\n"


def bars() -> tuple[RichProgress, io.StringIO]:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=100)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return RichProgress(*columns, TextColumn("{task.fields[note]}"), console=console), output


def test_on_a_terminal_bars_are_drawn_and_taken_down_at_the_end() -> None:
    drawn, output = bars()
    plugin = Progress(Bars(drawn))
    flow = tasks(row("reader_0", "1", "success"))
    plugin.flowkit_job_changed(flow, change("running", 50))
    assert [task.description for task in drawn.tasks] == [f"job {JOB}", "  reader_0"]
    assert drawn.live.is_started
    plugin.flowkit_job_changed(flow, change("success", 100))
    assert not drawn.live.is_started
    assert "100%" in output.getvalue()


def test_an_upload_that_breaks_off_takes_its_bar_with_it() -> None:
    drawn, _ = bars()

    def send(call: Any, request: Request) -> Response:
        call.client.hooks.transferred(call, 10, 100)
        raise ConnectionFailed("broken off")

    flow = FlowClient(plugins=[Progress(Bars(drawn))], retry=Retry(attempts=1))
    with pytest.raises(ConnectionFailed):
        _open(flow, send, download=False)
    assert not drawn.live.is_started


def test_closing_the_client_leaves_the_terminal_as_it_was() -> None:
    drawn, _ = bars()
    plugin = Progress(Bars(drawn), components=False)
    with FlowClient(plugins=[plugin]) as flow:
        plugin.flowkit_job_changed(flow, change("running", 50))
        assert drawn.live.is_started
    assert not drawn.live.is_started


def test_a_look_at_the_components_that_fails_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    output = io.StringIO()
    server = Server(ConnectionFailed("gone"))
    flow = FlowClient(plugins=[Progress(Lines(output)), server], retry=Retry(attempts=1))
    flow.hooks.job_changed(flow, change("running", 50))
    assert output.getvalue() == f"job {JOB} 50 % running\n"
    assert caplog.records == []


STATUS = {"f_status": "running", "f_progress": 40, "f_is_initiator": True}
ENDED_WELL = {"f_status": "success", "f_progress": 100}


def test_trouble_with_a_jobs_server_is_shown_until_it_has_passed() -> None:
    output = io.StringIO()
    looks = [[STATUS], *[ConnectionFailed("refused", sent=False)] * 5, [{**STATUS, **ENDED_WELL}]]
    answers = [look if isinstance(look, Exception) else envelope(look) for look in looks]
    plugin = Progress(Lines(output), components=False)
    flow = FlowClient(plugins=[plugin, Server(*answers)], clock=ManualClock())
    flow.job.wait(JOB, timeout=600)
    assert output.getvalue().splitlines() == [
        f"job {JOB} 40 % running",
        "  its server cannot be reached: refused",
        "  its server can be reached again",
        f"job {JOB} 100 % success",
    ]


class Shown:
    """What a notebook shows: the pieces of HTML, each with what it was replaced by."""

    def __init__(self) -> None:
        self.pieces: list[list[str]] = []

    def __call__(self, text: str, handle: Shown | None) -> Shown:
        if handle is None:
            self.pieces.append([])
        self.pieces[-1].append(text)
        return self

    def update(self, shown: object) -> None:
        raise AssertionError("the display updates itself")


def test_below_the_cell_of_a_notebook_bars_move_in_place_and_stay() -> None:
    shown = Shown()
    cells = Cells(shown)
    cells.show("job", "job 1", 20, 100, "running")
    cells.show("part", "  <b>", 1, 2, "guest 9999 success")
    cells.show("job", "job 1", 100, 100, "success")
    cells.end("part")
    cells.end("job")
    cells.show("job", "job 2", 0, None)
    first, second = shown.pieces
    assert len(first) == 3
    assert (
        '<progress value="100" max="100" aria-label="job 1"></progress> job 1 success' in first[-1]
    )
    assert "&lt;b&gt; guest 9999 success" in first[-1]
    assert second == ['<div><div><progress aria-label="job 2"></progress> job 2 </div></div>']


def test_a_notebook_is_known_by_its_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        kernel = object()

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(sys.modules, "IPython", IPython)  # type: ignore[arg-type]
    assert isinstance(Progress()._shown(), Cells)
    monkeypatch.delattr(Shell, "kernel")
    assert isinstance(Progress()._shown(), Lines)
