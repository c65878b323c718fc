"""A thread that computes is relieved by whatever it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flowkit_mockserver.computing.relief import relieve_by, relieved


def test_each_thread_has_its_own_relief_or_none() -> None:
    seen: list[str] = []

    @contextmanager
    def relief() -> Iterator[None]:
        seen.append("begun")
        yield
        seen.append("over")

    def work() -> None:
        relieve_by(relief)
        with relieved():
            seen.append("computes")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["begun", "computes", "over"]

    with relieved():
        assert len(seen) == 3
