"""Threads that work off requests; a process that ends does not wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count as counter
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["Workers", "relieved"]

T = TypeVar("T")
Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


#: By thread, the workers that it is one of.
_own = threading.local()


@contextmanager
def relieved() -> Iterator[None]:
    """Let another thread take this one's place among its workers for the length of the block, which takes long."""
    workers: Workers | None = getattr(_own, "workers", None)
    if workers is None:
        yield
        return
    workers.add()
    try:
        yield
    finally:
        workers.remove()


class Workers:
    """A few daemon threads, and any number of tasks that wait for one.

    A `ThreadPoolExecutor` is of no use here: the interpreter waits for its threads, so that one long task would
    keep the server from ending.

    Args:
        name: what the threads are called.
        count: how many there are.
    """

    def __init__(self, name: str, count: int) -> None:
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._name = name
        self._numbers = counter()
        self._lock = threading.Lock()
        self._surplus = 0
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        name = f"{self._name}-{next(self._numbers)}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def add(self) -> None:
        """Let one more thread work: one of them is going to be busy with something else."""
        with self._lock:
            needed = self._surplus == 0
            self._surplus -= not needed
        if needed:
            self._start()

    def remove(self) -> None:
        """Let one thread less work, as soon as one of them is through with its task."""
        with self._lock:
            self._surplus += 1

    def _leaves(self) -> bool:
        """Say whether a thread is one too many, and count it as gone."""
        with self._lock:
            leaves = self._surplus > 0
            self._surplus -= leaves
        return leaves

    def _work(self) -> None:
        _own.workers = self
        while not self._leaves():
            future, call, arguments = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call(*arguments))
            # Whatever it is belongs to whoever waits for the result.
            except BaseException as error:
                future.set_exception(error)
            # Between two tasks the thread holds on to neither arguments nor result.
            del future, call, arguments

    async def run(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return what `call` returns, once a thread has run it."""
        future: Future[T] = Future()
        self._tasks.put((future, call, arguments))
        return await asyncio.wrap_future(future)
