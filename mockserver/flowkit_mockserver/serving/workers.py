"""Threads that work off requests; a process that ends does not wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["Workers"]

T = TypeVar("T")
Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


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
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
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
