"""Waits: how much time is left for the next read of an answer."""

from __future__ import annotations

import pytest

from flowkit.call.waits import TRICKLE, Wait, current_wait


def test_a_deadline_bounds_every_read_and_write() -> None:
    left = [3.0]
    wait = Wait(60.0, lambda: left[0], streamed=False)
    assert wait.next_write() == wait.next_read() == 3.0
    left[0] = -0.1
    with pytest.raises(TimeoutError):
        wait.next_read()


def test_a_download_has_its_time_anew_for_each_sign_of_life() -> None:
    wait = Wait(10.0, None, streamed=True)
    wait.note_headers()
    wait.note_read(TRICKLE - 1, 9.0)
    assert wait.next_read() == 1.0
    wait.note_read(1, 0.5)
    assert wait.next_read() == 10.0


def test_a_trickle_is_silence() -> None:
    wait = Wait(10.0, None, streamed=True)
    wait.note_headers()
    wait.note_read(1, 10.0)
    with pytest.raises(TimeoutError):
        wait.next_read()


def test_a_wait_counts_within_its_block_only() -> None:
    wait = Wait(None, None, streamed=False)
    with wait:
        assert current_wait() is wait
    assert current_wait() is None
    assert wait.next_read() is None
