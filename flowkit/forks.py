"""What belongs to one process, and is made anew in a child that comes out of a fork.

Connections, database handles and locks do not survive `os.fork`: two processes that share a
connection read each other's answers, and a lock that another thread holds is never given back. Who
has such things says so once::

    class Counter:
        def __init__(self) -> None:
            self.renew_after_fork()
            renew_in_children(self)

        def renew_after_fork(self) -> None:
            self._lock = threading.Lock()
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol

__all__ = ["Renewable", "renew_in_children"]


class Renewable(Protocol):
    """What has something that belongs to one process."""

    def renew_after_fork(self) -> None:
        """Make anew what belongs to one process; no other thread runs meanwhile.

        It must take no lock of the parent's: a thread that is not there any more may hold it.
        """


_HOLDERS: weakref.WeakValueDictionary[int, Renewable] = weakref.WeakValueDictionary()


def renew_in_children(holder: Renewable) -> None:
    """Have `holder` renewed in every child of this process, for as long as it lives."""
    _HOLDERS[id(holder)] = holder


def _renew() -> None:
    """Renew every holder; what one raises stops no other, and is shown by Python itself."""
    errors: list[Exception] = []
    for reference in _HOLDERS.valuerefs():
        holder = reference()
        if holder is not None:
            try:
                holder.renew_after_fork()
            except Exception as error:  # somebody else's holder may raise anything
                errors.append(error)
    if errors:
        raise ExceptionGroup("what belongs to one process could not be renewed", errors)


if hasattr(os, "register_at_fork"):  # where there is no fork, there is nothing to renew
    os.register_at_fork(after_in_child=_renew)
