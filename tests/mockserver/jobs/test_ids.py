"""Job ids: when they were drawn can be read off them, and no two are alike."""

from __future__ import annotations

import re
import time

from flowkit.clock import ManualClock
from flowkit_mockserver.jobs.ids import JobIds, day_of


def free(job_id: str) -> bool:
    return False


def test_an_id_is_the_local_time_and_a_counter() -> None:
    clock = ManualClock(1_600_000_000.25)

    job_id = JobIds(clock, free).next()

    stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(1_600_000_000))
    assert job_id == f"{stamp}2500000"
    assert re.fullmatch(r"\d{21}", job_id)
    assert day_of(job_id) == stamp[:8]


def test_ids_grow_while_the_clock_stands_still() -> None:
    ids = JobIds(ManualClock(), free)

    drawn = [ids.next() for _ in range(50)]

    assert drawn == sorted(set(drawn))
    assert {len(job_id) for job_id in drawn} == {21}


def test_an_id_that_is_taken_is_passed_over() -> None:
    clock = ManualClock()
    taken = {JobIds(clock, free).next()}

    assert JobIds(clock, taken.__contains__).next() not in taken
