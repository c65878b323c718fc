"""Components compute in processes that may die, and end with the server."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import held_rows
from flowkit_mockserver.columns.blocks import load
from flowkit_mockserver.columns.encoding import EncodedRows
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.core.interface import ComponentFailed, Records
from flowkit_mockserver.computing import portable, size
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.computing.processes import ProcessEngine
from flowkit_mockserver.settings import Executor
from gates import PATIENCE
from held_rows import HeldRows
from jobbing import bench
from portable_runs import ROWS, run_on, values


@pytest.fixture
def engine(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessEngine]:
    """Return an engine that is closed before the threads are waited for."""
    monkeypatch.setattr(size, "CELLS", 1)
    made = ProcessEngine(1)
    yield made
    made.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def test_a_process_is_started_when_it_is_needed_and_stays(engine: ProcessEngine) -> None:
    assert engine.pids == []

    assert values(run_on(ROWS), engine) == values(run_on(ROWS), ThreadEngine())

    (pid,) = engine.pids
    engine.compute(run_on(ROWS))
    assert engine.pids == [pid]


def test_small_runs_stay_in_the_thread(
    engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size, "CELLS", 1000)

    assert len(values(run_on(ROWS), engine)) == 2
    assert engine.pids == []


def test_a_failure_comes_back_as_it_was(engine: ProcessEngine) -> None:
    with pytest.raises(ComponentFailed) as there:
        engine.compute(run_on(ROWS, "Intersection"))
    with pytest.raises(ComponentFailed) as here:
        ThreadEngine().compute(run_on(ROWS, "Intersection"))

    assert (there.value.message, there.value.party) == (here.value.message, here.value.party)


def test_a_run_whose_process_is_killed_is_computed_by_another(
    engine: ProcessEngine, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    rows = HeldRows(tmp_path, ROWS)
    computing = threads.submit(values, run_on(rows), engine)
    killed = rows.reader()

    os.kill(killed, signal.SIGKILL)

    assert computing.result(PATIENCE) == values(run_on(ROWS), ThreadEngine())
    (pid,) = engine.pids
    assert pid != killed


def test_a_run_that_kills_every_process_fails(
    engine: ProcessEngine, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    rows = HeldRows(tmp_path, ROWS, held=2)
    computing = threads.submit(values, run_on(rows), engine)
    for _ in range(2):
        os.kill(rows.reader(), signal.SIGKILL)

    with pytest.raises(ComponentFailed, match="died 2 times"):
        computing.result(PATIENCE)
    assert len(values(run_on(ROWS), engine)) == 2


def test_closing_does_not_wait_for_what_computes(
    engine: ProcessEngine, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    rows = HeldRows(tmp_path, ROWS)
    computing = threads.submit(values, run_on(rows), engine)
    rows.reader()

    engine.close()

    with pytest.raises(ComponentFailed, match="closed"):
        computing.result(PATIENCE)
    assert engine.pids == []


def test_a_job_is_the_same_wherever_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "CELLS", 1)
    outputs = []
    for executor in (Executor(), Executor("processes", 1)):
        with bench(executor=executor) as mock:
            job_id = mock.submit()
            assert mock.finish(job_id) == "success"
            found = mock.state.jobs.tracker.of_component(job_id, "intersection_0")
            tables = []
            for party, output in found.items():
                for address in output["tables"]:
                    table = mock.state.tables.get(address["namespace"], address["name"])
                    assert table is not None
                    tables.append((party, table.schema, list(table.records())))
            metrics = {party: output["metrics"] for party, output in found.items()}
            outputs.append((tables, metrics, mock.row(job_id)["f_elapsed"]))
            computed_there = bool(getattr(mock.state.engine, "pids", []))
            assert computed_there is (executor.kind == "processes")

    assert outputs[0] == outputs[1]


@pytest.mark.parametrize(("held", "status"), [(1, "success"), (2, "failed")])
def test_a_task_outlives_one_process_and_not_a_second(
    held: int,
    status: str,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(size, "CELLS", 1)
    encode = portable._encoded
    readers = HeldRows(tmp_path, ROWS)

    def hold_up(records: Records) -> EncodedRows:
        rows = load(records)
        if isinstance(rows, TextRows):
            return HeldRows(tmp_path, rows, held, made=True)
        return encode(records)

    monkeypatch.setattr(portable, "_encoded", hold_up)
    with bench(executor=Executor("processes", 1)) as mock:
        job_id = mock.submit()
        mock.pass_time(1000)
        asked = threads.submit(mock.status, job_id)
        for _ in range(held):
            os.kill(readers.reader(), signal.SIGKILL)

        assert asked.result(PATIENCE) == status
        # The claim is given back: other jobs of the component run.
        assert mock.state.store.claims.take(f"{job_id}/dataio_0/0")
        monkeypatch.setattr(portable, "_encoded", encode)
        assert mock.finish(mock.submit()) == "success"


SERVER = """
import sys
from pathlib import Path
from flowkit_mockserver.computing import size
from flowkit_mockserver.computing.processes import ProcessEngine
from held_rows import HeldRows
from portable_runs import ROWS, run_on

if __name__ == "__main__":
    size.CELLS = 1
    ProcessEngine(1).compute(run_on(HeldRows(Path(sys.argv[1]), ROWS, made=True)))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when any process ends")
def test_no_process_outlives_its_server(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    folder = tmp_path / "rows"
    folder.mkdir()
    path = os.pathsep.join([str(Path(held_rows.__file__).parent), *filter(None, sys.path)])
    rows = HeldRows(folder, ROWS)
    server = subprocess.Popen(
        [sys.executable, str(script), str(folder)], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        worker = os.pidfd_open(rows.reader())
    finally:
        server.kill()
        server.wait()
    try:
        assert select.select([worker], [], [], PATIENCE)[0], "the process is still there"
    finally:
        os.close(worker)
