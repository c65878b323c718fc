"""Shows what is going on: bars for uploads, downloads and waited-for jobs; lines where nobody looks.

::

    with FlowClient(plugins=[Progress()]) as flow:
        flow.data.upload("conf.json")
        flow.job.wait(job_id)          # a bar for the job, and one for each component and its parties

On a terminal it needs rich, the extra ``cli``; in a notebook it needs nothing. Without rich, or when
the output is neither, it prints a line whenever something has changed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from flowkit import Call, FlowClient, FlowError, JobState, Response, hookimpl
from flowkit.display.markup import element
from flowkit.display.visible import visible
from flowkit.forks import renew_in_children
from flowkit.jobs.rows import ENDED

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

__all__ = ["Bars", "Cells", "Display", "Lines", "Progress"]

STEP = 10  # per cent between two lines


class Display(Protocol):
    """Where progress is shown. Each thing has a key of its own, from its first line to its last."""

    def show(self, key: str, title: str, done: float, total: float | None, note: str = "") -> None:
        """Show how far something is."""

    def end(self, key: str) -> None:
        """Show no more of it."""

    def close(self) -> None:
        """Leave the output as it stands."""


class Lines:
    """Prints a line when a title, a note or a tenth of the whole has changed.

    Args:
        output: where to; standard error by default.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output
        self._shown: dict[str, tuple[str, str, int]] = {}

    def show(self, key: str, title: str, done: float, total: float | None, note: str = "") -> None:
        """Print a line, if it would say something new."""
        percent = int(100 * done / total) if total else 0
        state = (title, note, percent // STEP)
        if self._shown.get(key) != state:
            self._shown[key] = state
            amount = f"{percent} %" if total else f"{done:,.0f} bytes" if done else ""
            text = " ".join(filter(None, (title, amount, note)))
            print(visible(text, line=True), file=self._output or sys.stderr, flush=True)

    def end(self, key: str) -> None:
        """Forget what was printed of it."""
        self._shown.pop(key, None)

    def close(self) -> None:
        """Forget everything."""
        self._shown.clear()


class Bars:
    """Draws bars with rich.

    Args:
        bars: the bars, if they are to look in another way.
    """

    def __init__(self, bars: RichProgress | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        self._bars = bars or Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def show(self, key: str, title: str, done: float, total: float | None, note: str = "") -> None:
        """Draw or move a bar."""
        title, note = visible(title, line=True), visible(note, line=True)
        if key not in self._tasks:
            self._bars.start()
            self._tasks[key] = self._bars.add_task(title, total=total, note=note)
        self._bars.update(
            self._tasks[key], description=title, completed=done, total=total, note=note
        )

    def end(self, key: str) -> None:
        """Stop drawing, once nothing moves any more; the bars stay to be seen."""
        self._tasks.pop(key, None)
        if not self._tasks:
            self.close()

    def close(self) -> None:
        """Stop drawing."""
        self._tasks.clear()
        self._bars.stop()
        for task in self._bars.task_ids:
            self._bars.remove_task(task)


class Cells:
    """Draws bars below the cell of a notebook that is running, as HTML that stays in the notebook.

    Args:
        display: shows HTML and returns what updates it; IPython's by default.
    """

    def __init__(self, display: Callable[[str, Handle | None], Handle] | None = None) -> None:
        self._display = display or _show_html
        self._bars: dict[str, tuple[str, float, float | None, str]] = {}
        self._running: set[str] = set()
        self._handle: Handle | None = None

    def show(self, key: str, title: str, done: float, total: float | None, note: str = "") -> None:
        """Draw or move a bar."""
        self._bars[key] = (title, done, total, note)
        self._running.add(key)
        self._draw()

    def end(self, key: str) -> None:
        """Leave the bars as they stand, once nothing moves any more; what comes next is drawn anew."""
        self._running.discard(key)
        if not self._running:
            self.close()

    def close(self) -> None:
        """Leave the bars as they stand."""
        self._bars.clear()
        self._running.clear()
        self._handle = None

    def _draw(self) -> None:
        rows = [
            element(
                "div",
                element(
                    "progress", value=done if total else None, max=total, aria_label=title.strip()
                ),
                f" {title} {note}",
            )
            for title, done, total, note in self._bars.values()
        ]
        self._handle = self._display(element("div", *rows), self._handle)


class Handle(Protocol):
    """What updates something that a notebook shows."""

    def update(self, shown: object) -> None:
        """Show something else in its place."""


def _show_html(text: str, handle: Handle | None) -> Handle:
    """Show HTML in a notebook, in place of what `handle` showed."""
    from IPython.display import HTML, display

    if handle is None:
        made: Handle = display(HTML(text), display_id=True)
        return made
    handle.update(HTML(text))
    return handle


def _in_notebook() -> bool:
    """Return whether a cell of a notebook is what runs; nothing is imported for that."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


class Progress:
    """Shows transfers and jobs.

    Args:
        display: where to; by default `Cells` in a notebook, `Bars` on a terminal, `Lines` elsewhere.
        components: show each component of a job too; that takes one more request a look.
    """

    name = "progress"

    def __init__(self, display: Display | None = None, *, components: bool = True) -> None:
        self._display = display
        self._components = components
        self._parts: dict[str, set[str]] = {}
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    @hookimpl
    def flowkit_transferred(self, call: Call, done: int, total: int | None) -> None:
        """Move the bar of an upload or a download."""
        what = "download" if call.request.download else "upload"
        key = call.scratch.setdefault(self.name, f"{what} {id(call)}")
        with self._lock:
            self._shown().show(key, f"{what} {call.operation.name}", done, total)
            if done == total:
                self._shown().end(key)

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Take the bar of a transfer away that came to nothing."""
        try:
            return (yield)
        except BaseException:
            if self.name in call.scratch:
                with self._lock:
                    self._shown().end(call.scratch[self.name])
            raise

    @hookimpl
    def flowkit_job_changed(self, client: FlowClient, job: JobState) -> None:
        """Move the bars of a job and its components."""
        number, status = job["job_id"], job["status"]
        key = f"job {number}"
        rows = self._tasks(client, number) if self._components else {}
        with self._lock:
            display = self._shown()
            display.show(key, key, job["progress"], 100, status)
            for component, parties in rows.items():
                done = sum(state in ENDED for state in parties.values())
                note = ", ".join(f"{party} {state}" for party, state in parties.items())
                part = f"{key} {component}"
                self._parts.setdefault(key, set()).add(part)
                display.show(part, f"  {component}", done, len(parties), note)
            if status in ENDED:
                for part in (*self._parts.pop(key, ()), key):
                    display.end(part)

    @hookimpl
    def flowkit_job_unreachable(self, job_id: str, error: FlowError | None) -> None:
        """Say beside the bar of a job that its server cannot be reached."""
        key = f"job {job_id}"
        with self._lock:
            note = "can be reached again" if error is None else f"cannot be reached: {error}"
            self._shown().show(f"{key} server", "  its server", 0, None, note)
            self._parts.setdefault(key, set()).add(f"{key} server")

    @hookimpl
    def flowkit_client_closed(self) -> None:
        """Leave the terminal as it was."""
        if self._display is not None:
            with self._lock:
                self._display.close()

    def _tasks(self, client: FlowClient, job: str) -> dict[str, dict[str, str]]:
        """Return the state of each party by component, in the order in which they started."""
        fresh = client.with_options(cache=False, on_error="reply")
        found: dict[str, dict[str, str]] = {}
        answered: list[Any] = list(fresh.task.query(job_id=job).data or [])
        rows = [row for row in answered if isinstance(row, dict)]
        for row in sorted(rows, key=lambda row: row.get("f_start_time") or float("inf")):
            party = f"{row.get('f_role')} {row.get('f_party_id')}"
            parties = found.setdefault(str(row.get("f_component_name")), {})
            parties[party] = str(row.get("f_party_status") or row.get("f_status"))
        return found

    def _shown(self) -> Display:
        """Return the display, made when there is first something to show."""
        if self._display is None:
            if _in_notebook():
                self._display = Cells()
                return self._display
            drawn = sys.stderr.isatty() and find_spec("rich") is not None
            self._display = Bars() if drawn else Lines()
        return self._display
