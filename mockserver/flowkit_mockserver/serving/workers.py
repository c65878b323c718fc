"""Threads that work off requests; a process that ends does not wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar

from flowkit_mockserver.computing.relief import relieve_by

__all__ = ["Workers"]

T = TypeVar("T")
Task = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]

#: So many times as many threads as there are places stay when nothing needs them.
SPARE = 2


class _Places:
    """The places of threads that work; who had one before gets one again before those who begin something new.

    Args:
        count: how many there are.
    """

    def __init__(self, count: int) -> None:
        lock = threading.Lock()
        self._free = count
        self._back, self._new = threading.Condition(lock), threading.Condition(lock)
        self._returning = 0

    def take(self) -> None:
        """Wait for a place, to begin something new."""
        with self._new:
            while not self._free or self._returning:
                self._new.wait()
            self._free -= 1

    def take_again(self) -> None:
        """Wait for a place, to go on with something."""
        with self._back:
            self._returning += 1
            while not self._free:
                self._back.wait()
            self._returning -= 1
            self._free -= 1
            if self._free and not self._returning:
                self._new.notify()

    def leave(self) -> None:
        """Give a place to whoever waits."""
        with self._back:
            self._free += 1
            (self._back if self._returning else self._new).notify()


class Workers:
    """A few daemon threads, and any number of tasks that wait for one.

    A `ThreadPoolExecutor` is of no use here: the interpreter waits for its threads, so that one long task would
    keep the server from ending.

    Args:
        name: what the threads are called.
        count: how many work at a time; further ones take the places of those that wait for something long.
    """

    def __init__(self, name: str, count: int) -> None:
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._name = name
        self._count = count
        self._places = _Places(count)
        self._lock = threading.Lock()
        self._started = 0
        self._there = 0
        self._away = 0
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        name = f"{self._name}-{self._started}"
        self._started += 1
        self._there += 1
        threading.Thread(target=self._work, name=name, daemon=True).start()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Give the place of a thread that is at a task to another, until the block ends and a place is free."""
        with self._lock:
            self._away += 1
            if self._there - self._away < self._count:
                self._start()
        self._places.leave()
        try:
            yield
        finally:
            self._places.take_again()
            with self._lock:
                self._away -= 1

    def _is_wanted(self) -> bool:
        """Say whether a thread goes on to the next task; of those that took a place some stay for the next time."""
        with self._lock:
            if self._there - self._away <= SPARE * self._count:
                return True
            self._there -= 1
            return False

    def _work(self) -> None:
        relieve_by(self.one_more)
        while True:
            future, call, arguments = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            self._places.take()
            try:
                future.set_result(call(*arguments))
            # Whatever it is belongs to whoever waits for the result.
            except BaseException as error:
                future.set_exception(error)
            finally:
                self._places.leave()
            # Between two tasks the thread holds on to neither arguments nor result.
            del future, call, arguments
            if not self._is_wanted():
                return

    async def run(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return what `call` returns, once a thread has run it."""
        future: Future[T] = Future()
        self._tasks.put((future, call, arguments))
        return await asyncio.wrap_future(future)
