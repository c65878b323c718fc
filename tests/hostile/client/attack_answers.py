"""Good answers in which something was replaced, for all that reads deeply: results, frames, pages, commands."""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from flowkit import FlowClient, FlowError, results
from flowkit.cli.app import app as command
from flowkit.cli.settings import Settings
from flowkit.demo import steps
from flowkit.jobs.overview import look_at_job
from flowkit.report import write_report
from flowkit_inprocess import InProcess
from flowkit_mockserver import MockServer
from tests.hostile.client.watching import ManualTime, Memory
from tests.hostile.finding import Finding

__all__ = ["attack"]

LONGEST = 5.0  # seconds for one use
MOST_MEMORY = 250 * 1024**2
#: What must never stand on a page or a terminal as it is.
MARKUP, ESCAPES = "<img src=x onerror=alert(1)>", "\x1b]0;owned\x07\x9b2J\u202e\r[/red]"
SCALARS: tuple[Any, ...] = (
    None, True, 0, 1, -1, 2**63, 10**300, 0.5, -0.0, float("nan"), float("inf"), "", " ", "0", "nan", "success",
    "failed",
    "\x00", "\ud800", "é" * 50, "x" * 20_000, MARKUP, ESCAPES, f"'\"{MARKUP}", "</script><script>", "[[", "{'a': ",
    "a\nb\tc",
    "../../x", "1e999", [], {}, [[]], [None], {"": None}, {"a": {"b": {}}}, [1, "a"], "javascript:alert(1)", "%s%n{0}",
)  # fmt: skip
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
READERS = [getattr(results, name) for name in results.__all__ if name.startswith("read_")]

WSGIApp = Callable[..., Iterable[bytes]]


class Spoiler:
    """An application in front of another one that replaces something in its JSON answers."""

    def __init__(self, app: WSGIApp) -> None:
        self._app = app
        self.chance: random.Random | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer."""
        said: list[Any] = []
        body = b"".join(
            self._app(environ, lambda status, headers, error=None: said.append((status, headers)))
        )
        status, headers = said[0]
        chance = self.chance
        if chance is not None and chance.random() < 0.7 and body.startswith(b"{"):
            answer = json.loads(body)
            if "data" in answer:
                for _ in range(chance.choice((1, 1, 2, 5))):
                    answer["data"] = _replace(answer["data"], chance)
                body = json.dumps(answer).encode()
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, headers)
        return [body]


def _replace(value: Any, chance: random.Random) -> Any:
    """Return a copy of a JSON value in which something deep within was replaced, or a name."""
    if isinstance(value, dict) and value and chance.random() < 0.93:
        name = chance.choice(list(value))
        if chance.random() < 0.12:
            other = chance.choice((MARKUP, ESCAPES, "", "x" * 3000, "a/b", "\x00"))
            return {(other if key == name else key): item for key, item in value.items()}
        if chance.random() < 0.06:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: _replace(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.93:
        place = chance.randrange(len(value))
        return [_replace(item, chance) if at == place else item for at, item in enumerate(value)]
    return chance.choice(SCALARS)


def attack(seed: int, count: int) -> Finding:
    """Use what reads deeply `count` times."""
    found = Finding("odd results", count)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with (
        MockServer() as mock,
        tempfile.TemporaryDirectory() as folder,
        warnings.catch_warnings(),
        Memory() as memory,
    ):
        warnings.simplefilter("ignore")
        spoiler = Spoiler(mock.app)
        with FlowClient(
            "flowkit.mock", plugins=[InProcess(spoiler)], clock=ManualTime(), proxy=""
        ) as flow:
            for role in ("guest", "host"):
                steps.upload(flow, role)
            job_id = steps.train(flow).job_id
            flow.job.wait(job_id)
            uses = list(_uses(flow, job_id, Path(folder)).items())
            for number in range(count):
                name, use = uses[number % len(uses)]
                chance = spoiler.chance = random.Random(f"{seed}/{number}")
                what = f"{seed}/{number} {name}"
                began = time.perf_counter()
                try:
                    fault = use(chance)
                    outcome = "used"
                    if fault:
                        found.faults.append(f"{what}: {fault}")
                except FlowError as error:
                    outcome = type(error).__name__
                    if not str(error).strip() or len(str(error)) > 6000:
                        found.faults.append(
                            f"{what}: says {len(str(error))} characters: {str(error)[:200]!r}"
                        )
                except Exception as error:  # every escape is what is looked for
                    outcome = type(error).__name__
                    found.faults.append(f"{what}: {error!r:.120} at {_place(error)}")
                took = time.perf_counter() - began
                slowest = max(slowest, took)
                if took > LONGEST:
                    found.faults.append(f"{what}: {outcome} after {took:.1f} s")
                outcomes[outcome] += 1
            spoiler.chance = None
    if memory.most > MOST_MEMORY:
        found.faults.append(f"{memory.most >> 20} MB of memory")
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {slowest:.2f} s, {memory.most >> 20} MB; {told}"
    return found


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if "/flowkit/" in frame.filename or "/plugins/" in frame.filename
    ]
    where = (ours or frames)[-1]
    return f"{Path(where.filename).name}:{where.lineno}"


def _uses(flow: FlowClient, job_id: str, folder: Path) -> dict[str, Callable[[random.Random], str]]:
    """Return what is done, by name; each says what is wrong with what came of it."""
    party = ("guest", 9999)
    components = ("hetero_lr_0", "evaluation_0", "dataio_0", "feature_scale_0", "intersection_0")

    def read(chance: random.Random) -> str:
        component = chance.choice(components)
        answers = (
            flow.component.metric_all,
            flow.component.output_model,
            flow.component.get_summary,
        )
        reply = chance.choice(answers)(job_id, *party, component)
        for value in (reader(reply) for reader in chance.sample(READERS, 4)):
            repr(value)
        return _check_page(reply._repr_html_())

    def frame(chance: random.Random) -> str:
        flow.component.output_frame(
            job_id, *party, chance.choice(components), library=chance.choice(("pandas", "polars"))
        )
        reply = flow.component.output_data_table(job_id, *party, "dataio_0")
        return _check_page(reply._repr_html_())

    def overview(chance: random.Random) -> str:
        return _check_page(look_at_job(flow, job_id)._repr_html_())

    def report(chance: random.Random) -> str:
        return _check_page(write_report(flow, job_id))

    def plots(chance: random.Random) -> str:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        from flowkit import plot

        draw = getattr(plot, chance.choice(plot.__all__))
        try:
            draw(
                (flow, job_id, chance.choice(components))
                if draw is not plot.dag
                else (flow, job_id)
            ).figure.canvas.draw()
        finally:
            pyplot.close("all")
        return ""

    def lists(chance: random.Random) -> str:
        replies = (
            flow.job.list(5),
            flow.task.query(job_id),
            flow.component.dependency(job_id, *party),
            flow.job.view(),
        )
        return _check_page("".join(reply._repr_html_() for reply in replies))

    def wait(chance: random.Random) -> str:
        flow.job.wait(job_id, timeout=60, on_change=repr)
        return ""

    def run(chance: random.Random) -> str:
        lines = (
            "job watch -j JOB", "job dag -j JOB", "job report -j JOB -o -", "--output table job list",
            "job query -j JOB",
            "--output table job query -j JOB", "--output table task list", "job wait -j JOB", "doctor", "doctor --json",
            "--output table component metric-all -j JOB -r guest -p 9999 -cpn evaluation_0", "job list", "demo",
            "component output-model -j JOB -r guest -p 9999 -cpn hetero_lr_0", "--output table remote-version get",
            "--output table table info -n flowkit_demo -t guest", "tag list", "--output table model tag-list -j JOB",
        )  # fmt: skip
        line = chance.choice(lines).replace("JOB", job_id).split()
        client, Settings.client = Settings.client, lambda self: _Kept(flow)  # type: ignore[method-assign,assignment,return-value]
        try:
            result = CliRunner().invoke(
                command, line, env={"FLOWKIT_CONFIG": "", "FLOWKIT_URL": "http://flowkit.mock"}
            )
        finally:
            Settings.client = client  # type: ignore[method-assign]
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            return f"{' '.join(line[:3])}: {result.exception!r:.120} at {_place(result.exception)}"
        said = result.stdout + result.stderr
        if "Traceback (most" in result.stderr:
            return f"{' '.join(line[:3])}: {result.stderr[-300:]!r}"
        if line[-1] != "-" and (control := CONTROLS.search(said)):
            return f"{' '.join(line[:3])}: prints {control[0]!r} in {said[max(control.start() - 60, 0) :][:120]!r}"
        return ""

    return {
        "read": read, "frame": frame, "overview": overview, "report": report, "plot": plots, "lists": lists,
        "wait": wait,
        "command": run, "command again": run, "another command": run,
    }  # fmt: skip


class _Kept:
    """A client that a command may close without closing it."""

    def __init__(self, flow: FlowClient) -> None:
        self._flow = flow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._flow, name)

    def __enter__(self) -> FlowClient:
        return self._flow

    def __exit__(self, *error: object) -> None:
        """Leave it open."""

    def close(self) -> None:
        """Leave it open."""


def _check_page(page: str) -> str:
    """Return what is wrong with a page: texts of the server that became markup."""
    page.encode()
    for odd in (MARKUP, "<script", "<img src=x", 'href="javascript', "\x1b", "\x00"):
        if odd in page:
            at = page.index(odd)
            return f"{odd!r} stands on the page: {page[max(at - 80, 0) : at + 60]!r}"
    return ""
