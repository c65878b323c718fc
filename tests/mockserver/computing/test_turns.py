"""Turns: who computes, and who waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import numpy  # noqa: F401 - its library is looked at
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.computing import engine, size
from flowkit_mockserver.computing.engine import Results, ThreadEngine
from flowkit_mockserver.computing.turns import Turns
from gates import PATIENCE, count_queued
from portable_runs import ROWS, run_on

FIVE = 5


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    return count_queued(monkeypatch)


class Runner:
    """Has a turn until it is let go."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun, self.let_go = Event(), Event()

    def run(self) -> None:
        with self.turns.taken():
            self.begun.set()
            assert self.let_go.wait(PATIENCE)


@pytest.mark.parametrize("count", [1, 2])
def test_so_many_compute_at_a_time_and_the_others_follow_in_the_order_in_which_they_came(
    queued: Semaphore, count: int
) -> None:
    turns = Turns(count)
    runners = [Runner(turns) for _ in range(FIVE)]
    with ThreadPoolExecutor(FIVE) as pool:
        done = []
        for number, runner in enumerate(runners):
            done.append(pool.submit(runner.run))
            if number < count:
                assert runner.begun.wait(PATIENCE)
            else:
                assert queued.acquire(timeout=PATIENCE)
        for number, runner in enumerate(runners):
            assert not any(later.begun.is_set() for later in runners[number + count :])
            runner.let_go.set()
            done[number].result(PATIENCE)
            if number + count < FIVE:
                assert runners[number + count].begun.wait(PATIENCE)


def test_a_turn_that_ends_in_an_exception_is_passed_on() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="no"), turns.taken():
        raise ValueError("no")
    with turns.taken():
        pass


@pytest.mark.parametrize("called", [False, True])
def test_who_gives_up_waiting_takes_no_turn_along(
    monkeypatch: pytest.MonkeyPatch, called: bool
) -> None:
    class Interrupted(Event):
        def wait(self, timeout: float | None = None) -> bool:
            if called:
                first.__exit__(None, None, None)
            raise KeyboardInterrupt

    turns = Turns(1)
    first = turns.taken()
    first.__enter__()
    monkeypatch.setattr("flowkit_mockserver.computing.turns.Event", Interrupted)
    with pytest.raises(KeyboardInterrupt), turns.taken():
        pass
    if not called:
        first.__exit__(None, None, None)
    with turns.taken():
        pass


def test_a_child_begins_anew() -> None:
    turns = Turns(1)
    with turns.taken():
        turns.renew_after_fork()
        with turns.taken():
            pass


def test_large_runs_compute_one_at_a_time_and_small_ones_beside_them(
    monkeypatch: pytest.MonkeyPatch, queued: Semaphore
) -> None:
    begun, let_go = Semaphore(0), Event()
    large = run_on(ROWS)
    small = run_on(ROWS)

    def run(component: ComponentRun) -> Results:
        if component is large:
            begun.release()
            assert let_go.wait(PATIENCE)
        return {}

    monkeypatch.setattr("flowkit_mockserver.computing.engine.is_large", lambda one: one is large)
    monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", run)
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(ThreadEngine().compute, large) for _ in range(2))
        assert begun.acquire(timeout=PATIENCE)
        assert queued.acquire(timeout=PATIENCE)
        assert ThreadEngine().compute(small) == {}
        assert not begun.acquire(blocking=False)
        let_go.set()
        assert begun.acquire(timeout=PATIENCE)
        assert (first.result(PATIENCE), second.result(PATIENCE)) == ({}, {})


@pytest.mark.parametrize(("cells", "expected"), [(1, 1), (10**9, 3)])
def test_a_large_run_computes_in_one_thread(
    monkeypatch: pytest.MonkeyPatch, cells: int, expected: int
) -> None:
    def threads() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    def run(component: ComponentRun) -> Results:
        seen.append(threads())
        return {}

    seen: list[set[int]] = []
    monkeypatch.setattr(size, "CELLS", cells)
    monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", run)
    with threadpool_limits(3, user_api="blas"):
        ThreadEngine().compute(run_on(ROWS))
        assert seen == [{expected}]
        assert threads() == {3}


@pytest.mark.parametrize("module", ["Reader", "Unknown"])
def test_what_touches_the_server_or_is_none_of_fates_kinds_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr("flowkit_mockserver.computing.engine.is_large", lambda run: True)
    monkeypatch.setattr("flowkit_mockserver.computing.engine.run_component", lambda run: {})
    with engine._TURNS.taken():
        assert ThreadEngine().compute(run_on(ROWS, module)) == {}
