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


def test_a_thread_that_comes_back_goes_before_those_that_have_not_begun() -> None:
    workers = Workers("first", 1)
    away, come, busy, go = (threading.Event() for _ in range(4))
    order: list[str] = []

    def compute() -> None:
        with relieved():
            away.set()
            come.wait(10)
        order.append("back")

    def hold() -> None:
        busy.set()
        go.wait(10)

    async def main() -> None:
        slow = asyncio.ensure_future(workers.run(compute))
        await asyncio.to_thread(away.wait, 10)
        holding = asyncio.ensure_future(workers.run(hold))
        await asyncio.to_thread(busy.wait, 10)
        others = [asyncio.ensure_future(workers.run(order.append, "new")) for _ in range(3)]
        come.set()
        while not workers._places._first:
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(slow, holding, *others)

    asyncio.run(main())
    assert order == ["back", "new", "new", "new"]


def test_a_thread_that_works_for_nobody_needs_no_relief() -> None:
    with relieved():
        assert threading.current_thread() is threading.main_thread()
