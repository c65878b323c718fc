"""Threads that work off requests."""

from __future__ import annotations

import asyncio
import threading

import pytest

from flowkit_mockserver.computing.relief import relieved
from flowkit_mockserver.serving.workers import Workers


def test_what_a_task_returns_or_raises_comes_back() -> None:
    workers = Workers("test", 1)

    assert asyncio.run(workers.run(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(workers.run(divmod, 7, 0))
    assert asyncio.run(workers.run(divmod, 9, 2)) == (4, 1), "the thread is still there"


def test_tasks_wait_for_a_thread_and_no_interpreter_waits_for_them() -> None:
    workers = Workers("waiting", 2)
    begun, go = threading.Barrier(3), threading.Event()

    def work() -> str:
        begun.wait(10)
        go.wait(10)
        return threading.current_thread().name

    async def main() -> list[str]:
        tasks = [asyncio.ensure_future(workers.run(work)) for _ in range(2)]
        last = asyncio.ensure_future(workers.run(lambda: "last"))
        await asyncio.to_thread(begun.wait, 10)
        assert not last.done()
        go.set()
        return [*await asyncio.gather(*tasks), await last]

    assert sorted(asyncio.run(main())) == ["last", "waiting-0", "waiting-1"]
    threads = [one for one in threading.enumerate() if one.name.startswith("waiting-")]
    assert all(one.daemon for one in threads)


def test_a_task_that_nobody_waits_for_any_more_is_left_out() -> None:
    workers = Workers("test", 1)
    ran: list[int] = []
    go = threading.Event()

    async def main() -> None:
        first = asyncio.ensure_future(workers.run(go.wait, 10))
        second = asyncio.ensure_future(workers.run(ran.append, 2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        go.set()
        await first
        await workers.run(ran.append, 3)

    asyncio.run(main())
    assert ran == [3]


def test_a_thread_that_is_busy_with_something_else_is_relieved() -> None:
    workers = Workers("relieved", 1)
    busy, go = threading.Event(), threading.Event()

    def compute() -> str:
        with relieved():
            busy.set()
            go.wait(10)
        return "computed"

    async def main() -> list[str]:
        slow = asyncio.ensure_future(workers.run(compute))
        await asyncio.to_thread(busy.wait, 10)
        quick = await workers.run(lambda: "answered")
        assert not slow.done()
        go.set()
        return [quick, await slow]

    assert asyncio.run(main()) == ["answered", "computed"]


def test_no_more_threads_work_at_a_time_than_there_are_places() -> None:
    workers = Workers("placed", 1)
    inside = threading.Semaphore(1)

    def work(number: int) -> int:
        with relieved():
            pass
        assert inside.acquire(blocking=False), "two at a time"
        inside.release()
        return number

    async def main() -> list[int]:
        return await asyncio.gather(*(workers.run(work, number) for number in range(50)))

    assert asyncio.run(main()) == list(range(50))
    threads = [one for one in threading.enumerate() if one.name.startswith("placed-")]
    assert len(threads) <= 51


def test_threads_that_took_a_place_leave_when_nothing_needs_them() -> None:
    workers = Workers("leaving", 1)
    go = threading.Event()
    waiting = threading.Barrier(11)

    def compute() -> None:
        with relieved():
            waiting.wait(10)
            go.wait(10)

    def threads() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name.startswith("leaving-")]

    async def main() -> list[threading.Thread]:
        tasks = [asyncio.ensure_future(workers.run(compute)) for _ in range(10)]
        await asyncio.to_thread(waiting.wait, 10)
        many = threads()
        go.set()
        await asyncio.gather(*tasks)
        return many

    many = asyncio.run(main())
    assert len(many) >= 10
    for thread in set(many) - set(threads()):
        thread.join(10)
    for thread in many[:-2]:
        thread.join(0.001)
    assert asyncio.run(workers.run(lambda: "answered")) == "answered"


def test_who_had_a_place_goes_on_before_others_begin() -> None:
    workers = Workers("returning", 1)
    away, go, order = threading.Event(), threading.Event(), list[str]()

    def returning() -> None:
        with relieved():
            away.set()
            go.wait(10)
        order.append("returned")

    def holding() -> None:
        go.set()
        # Until the other one waits for its place again.
        while not workers._places._returning:
            threading.Event().wait(0.001)

    async def main() -> None:
        first = asyncio.ensure_future(workers.run(returning))
        await asyncio.to_thread(away.wait, 10)
        rest = [workers.run(holding), *(workers.run(order.append, "new") for _ in range(3))]
        await asyncio.gather(first, *rest)

    asyncio.run(main())
    assert order == ["returned", "new", "new", "new"]


def test_a_thread_that_works_for_nobody_needs_no_relief() -> None:
    with relieved():
        assert threading.current_thread() is threading.main_thread()
