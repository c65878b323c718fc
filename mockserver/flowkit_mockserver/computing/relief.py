"""Threads that answer requests are few: while one computes or waits, another takes its place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

__all__ = ["relieve_by", "relieved"]

#: By thread, what is around its work while another one takes its place.
_own = threading.local()


def relieve_by(relief: Callable[[], AbstractContextManager[None]]) -> None:
    """Say, for the thread that calls this, what gets it a substitute for the length of a block."""
    _own.relief = relief


def relieved() -> AbstractContextManager[None]:
    """Return what is around the work of this thread that takes long; nothing where nobody needs its place."""
    relief: Callable[[], AbstractContextManager[None]] = getattr(_own, "relief", nullcontext)
    return relief()
