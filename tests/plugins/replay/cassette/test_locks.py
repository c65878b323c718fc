"""Locks: taken again by their thread, found free by a forked process."""

from __future__ import annotations

import os
import threading

import pytest

from flowkit_replay.cassette.locks import ProcessLock


def test_a_thread_may_take_it_again() -> None:
    lock = ProcessLock()
    with lock, lock:
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_finds_free_what_another_thread_held() -> None:
    lock, held, done = ProcessLock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    child = os.fork()
    if child == 0:
        with lock:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    done.set()
    thread.join()
