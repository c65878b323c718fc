"""Quick questions are answered without a thread of their own, unless something stands in their way."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowkit_mockserver.serving.privilege import Privilege
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from jobbing import PACE, Bench, bench


def test_a_quick_question_is_answered_at_once_when_nothing_stands_in_its_way() -> None:
    state = ServerState()
    privilege = Privilege(state)
    done = privilege.take("/v1/job/query", b"{}")
    assert done is not None

    with ThreadPoolExecutor() as pool:
        assert pool.submit(privilege.take, "/v1/job/query", b"{}").result() is None
    done()

    assert privilege.take("/v1/job/submit", b"{}") is None
    assert privilege.take("/v1/job/query", b" " * 10_000) is None
    state.close()


def test_a_question_takes_its_time_when_a_job_is_due() -> None:
    with bench(pace=0.0) as mock:
        mock.submit()
        privilege = Privilege(mock.state)

        assert privilege.take("/v1/job/query", b"{}") is None
        mock.state.settle()
        done = privilege.take("/v1/job/query", b"{}")
        assert done is not None
        done()


def test_a_question_to_a_database_takes_its_time(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    state = ServerState(Settings(database=f"sqlite:///{tmp_path}/shared.sqlite3"))

    assert Privilege(state).take("/v1/job/query", b"{}") is None
    state.close()


def test_questions_about_jobs_that_wait_let_one_thread_bring_the_others_forward() -> None:
    settled: list[str] = []

    async def ask(mock: Bench, job_ids: list[str]) -> list[str]:
        async def run(settle: Callable[[str], None], job_id: str) -> None:
            settled.append(job_id)
            await asyncio.to_thread(settle, job_id)

        async def status(job_id: str) -> str:
            question = json.dumps({"job_id": job_id}).encode()
            assert privilege.take("/v1/job/query", question) is None
            done = await privilege.await_turn("/v1/job/query", question, run)
            assert done is not None
            try:
                return mock.status(job_id)
            finally:
                done()

        privilege = Privilege(mock.state)
        assert await privilege.await_turn("/v1/job/query", b'{"job_id": "none"}', run) is None
        return await asyncio.gather(*map(status, job_ids))

    with bench() as mock:
        first, *rest = [mock.submit() for _ in range(6)]
        mock.pass_time(100 * PACE)
        waiting = rest[1:]

        assert asyncio.run(ask(mock, waiting)) == ["success"] * 4
        assert settled == waiting[:1]
        assert mock.status(first) == "success"


def test_what_goes_wrong_with_others_is_left_to_a_thread() -> None:
    async def run(settle: object, job_id: str) -> None:
        raise OSError("the disk is full")

    with bench() as mock:
        *_, last = [mock.submit() for _ in range(3)]
        question = json.dumps({"job_id": last}).encode()

        privilege = Privilege(mock.state)
        assert asyncio.run(privilege.await_turn("/v1/job/query", question, run)) is None


def test_nobody_waits_twice_for_a_lock_that_somebody_has_for_long() -> None:
    state = ServerState()
    privilege = Privilege(state)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with state.lock:
            held.set()
            over.wait(10)

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(hold)
        held.wait(10)
        assert privilege.take("/v1/job/query", b"{}") is None
        assert privilege._patience == 0
        over.set()
        holding.result(10)
    done = privilege.take("/v1/job/query", b"{}")
    assert done is not None
    done()
    assert privilege._patience > 0
    state.close()
