"""Every party creates the job for itself, or refuses it."""

from __future__ import annotations

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
