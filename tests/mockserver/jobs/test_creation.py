"""Every party creates the job for itself, or refuses it; its id tells when it was drawn."""

from __future__ import annotations

import re
import time

from flowkit.clock import ManualClock
from flowkit_mockserver.jobs.creation import JobIds, day_of
from jobbing import DSL, Bench, conf

WIDE = {"task_cores": 20}


def test_jobs_that_ask_for_too_many_cores_are_refused(mock: Bench) -> None:
    answer = mock.ask("job/submit", job_dsl=DSL, job_runtime_conf=conf(task_cores=21))

    assert answer["retcode"] == 100
    assert answer["retmsg"] == "create job failed"
    assert answer["data"]["guest"]["7001"]["retcode"] == 103
    assert "expect 21 cores" in answer["data"]["host"]["7002"]["retmsg"]
    assert len(mock.state.jobs.store) == 0


def test_the_rows_of_parties_that_agreed_to_a_refused_job_stay_as_failed(mock: Bench) -> None:
    runtime_conf = conf()
    del runtime_conf["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"]

    answer = mock.ask("job/submit", job_dsl=DSL, job_runtime_conf=runtime_conf)

    assert answer["data"]["guest"]["7001"]["retcode"] == 100
    (row,) = mock.ask("job/list/job", limit=0)["data"]
    assert (row["f_role"], row["f_status"], row["f_start_time"]) == ("host", "failed", None)


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
