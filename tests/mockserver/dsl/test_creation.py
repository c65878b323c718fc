"""Which party refuses to create a job, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowkit_mockserver.dsl import (
    Plan,
    creation_answers,
    creation_failed,
    job_cores,
    party_order,
)

Planner = Callable[..., Plan]
Json = dict[str, Any]


@pytest.fixture
def planned(plan: Planner, shop_dsl: Json, shop_conf: Json) -> Callable[..., Plan]:
    def make(**parameters: Any) -> Plan:
        shop_conf["job_parameters"]["common"] |= parameters
        return plan(shop_dsl, shop_conf)

    return make


def test_everybody_agrees_to_a_plain_job(planned: Planner) -> None:
    answers = creation_answers(planned())

    assert not creation_failed(answers)
    assert answers["host"] == {
        "7002": {"retcode": 0, "retmsg": "success"},
        "7003": {"retcode": 0, "retmsg": "success"},
    }


def test_the_initiator_comes_last(planned: Planner) -> None:
    assert party_order(planned()) == [
        ("arbiter", 7009),
        ("host", 7002),
        ("host", 7003),
        ("guest", 7001),
    ]


def test_cores_are_those_of_all_parallel_tasks(planned: Planner) -> None:
    job = planned(task_cores=6, task_parallelism=2)

    assert job_cores(job, "guest", 7001) == 12
    assert job_cores(job, "arbiter", "7009") == 0


def test_a_job_that_is_too_big_is_refused_by_those_who_compute(planned: Planner) -> None:
    answers = creation_answers(planned(task_cores=4, task_parallelism=6))

    assert answers["arbiter"]["7009"]["retcode"] == 0
    assert answers["guest"]["7001"] == {
        "retcode": 103,
        "retmsg": "max cores per job is 20 base on"
        " (fate_flow/settings#MAX_CORES_PERCENT_PER_JOB * conf/service_conf.yaml#nodes"
        " * conf/service_conf.yaml#cores_per_node), expect 24 cores,"
        " please use task_cores job parameters to set request task cores"
        " or you can customize it with eggroll_run job parameters,"
        " default value is fate_flow/settings.py#DEFAULT_TASK_CORES_PER_NODE,"
        " refer fate_flow/examples/simple_hetero_lr_job_conf.json",
    }


def test_a_job_that_just_fits_is_not(planned: Planner) -> None:
    assert not creation_failed(creation_answers(planned(task_cores=20)))


def test_a_bigger_server_takes_bigger_jobs(planned: Planner) -> None:
    assert not creation_failed(creation_answers(planned(task_cores=40), standalone_cores=40))


def test_a_cluster_is_out_of_reach(planned: Planner) -> None:
    answers = creation_answers(planned(work_mode=1))

    codes = {answer["retcode"] for parties in answers.values() for answer in parties.values()}
    assert codes == {104}
    assert "StatusCode.UNAVAILABLE" in answers["guest"]["7001"]["retmsg"]


def test_a_table_without_a_name_fails_where_it_is_seen(
    plan: Planner, shop_dsl: Json, shop_conf: Json
) -> None:
    del shop_conf["component_parameters"]["role"]["host"]["0"]["reader_1"]["table"]["name"]

    answers = creation_answers(plan(shop_dsl, shop_conf))

    refused = [
        (role, party)
        for role, parties in answers.items()
        for party, answer in parties.items()
        if answer["retcode"]
    ]
    assert refused == [("host", "7002"), ("guest", "7001")]
    assert "KeyError: 'name'" in answers["guest"]["7001"]["retmsg"]


def test_of_the_initiators_role_only_its_own_answer_counts(
    plan: Planner, shop_dsl: Json, shop_conf: Json
) -> None:
    shop_conf["role"]["guest"] = [7000, 7001]

    assert list(creation_answers(plan(shop_dsl, shop_conf))["guest"]) == ["7001"]
