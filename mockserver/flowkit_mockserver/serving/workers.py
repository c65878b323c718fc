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


class Workers:
    """A few daemon threads, and any number of tasks that wait for one.

    A `ThreadPoolExecutor` is of no use here: the interpreter waits for its threads, so that one long task would
    keep the server from ending.

    Args:
        name: what the threads are called.
        count: how many work at a time; further ones take the places of those that wait for something long, which get
            the next that are free when they come back: others may wait for what they have.
    """

    def __init__(self, name: str, count: int) -> None:
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._name = name
        self._count = count
        self._places = _Places(count)
        self._lock = threading.Lock()
        self._started = 0
        self._away = 0
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        name = f"{self._name}-{self._started}"
        self._started += 1
        threading.Thread(target=self._work, name=name, daemon=True).start()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Give the place of a thread that is at a task to another, until the block ends and a place is free."""
        with self._lock:
            self._away += 1
            if self._started - self._away < self._count:
                self._start()
        self._places.give_back()
        try:
            yield
        finally:
            self._places.take(first=True)
            with self._lock:
                self._away -= 1

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
                self._places.give_back()
            # Between two tasks the thread holds on to neither arguments nor result.
            del future, call, arguments

    async def run(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return what `call` returns, once a thread has run it."""
        future: Future[T] = Future()
        self._tasks.put((future, call, arguments))
        return await asyncio.wrap_future(future)


class _Places:
    """Places for so many threads at a time.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        lock = threading.Lock()
        self._free = count
        self._first = 0
        self._for_first, self._for_others = threading.Condition(lock), threading.Condition(lock)

    def take(self, *, first: bool = False) -> None:
        """Wait for a place; with `first` before all that wait without."""
        if not first:
            with self._for_others:
                self._for_others.wait_for(lambda: self._free > self._first)
                self._free -= 1
            return
        with self._for_first:
            self._first += 1
            self._for_first.wait_for(lambda: self._free > 0)
            self._first -= 1
            self._free -= 1
            if self._free > self._first:  # two came free before this one went on
                self._for_others.notify()

    def give_back(self) -> None:
        """Let another thread have the place."""
        with self._for_first:
            self._free += 1
            (self._for_first if self._first else self._for_others).notify()
