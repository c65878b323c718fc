"""What job_parameters become: completed once, then adapted by every party."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError
from flowkit_mockserver.dsl.run_parameters import complete_baseline, known_parameters, on_party


def baseline(**given: Any) -> dict[str, Any]:
    return complete_baseline(known_parameters({"work_mode": 0} | given), job_id="2021")


def test_unknown_parameters_and_nulls_vanish() -> None:
    known = known_parameters({"work_mode": 0, "colour": "red", "task_cores": None})

    assert known == {
        "job_type": "train",
        "work_mode": 0,
        "backend": 0,
        "engines_address": {},
        "eggroll_run": {},
        "spark_run": {},
        "rabbitmq_run": {},
        "pulsar_run": {},
        "adaptation_parameters": {},
    }


def test_the_initiator_completes_them() -> None:
    assert baseline() == {
        "job_type": "train",
        "work_mode": 0,
        "backend": 0,
        "computing_engine": "STANDALONE",
        "federation_engine": "STANDALONE",
        "storage_engine": "STANDALONE",
        "engines_address": {},
        "federated_mode": "SINGLE",
        "task_parallelism": 1,
        "computing_partitions": 4,
        "federated_status_collect_type": "PULL",
        "eggroll_run": {},
        "spark_run": {},
        "rabbitmq_run": {},
        "pulsar_run": {},
        "adaptation_parameters": {
            "task_nodes": 1,
            "task_cores_per_node": 4,
            "task_memory_per_node": 0,
            "request_task_cores": 4,
            "if_initiator_baseline": True,
        },
    }


def test_what_the_user_says_stays() -> None:
    full = baseline(task_cores=8, task_parallelism=2, computing_partitions=3)

    assert full["computing_partitions"] == 3
    assert full["task_parallelism"] == 2
    assert full["adaptation_parameters"]["task_cores_per_node"] == 8


def test_processors_of_eggroll_beat_the_cores() -> None:
    full = baseline(task_cores=8, eggroll_run={"eggroll.session.processors.per.node": 2})

    assert full["adaptation_parameters"]["task_cores_per_node"] == 2
    assert full["adaptation_parameters"]["request_task_cores"] == 8


def test_a_party_adds_addresses_and_processors() -> None:
    own = on_party(baseline(), "guest")

    assert own["engines_address"]["computing"] == {"nodes": 1, "cores_per_node": 20}
    assert own["eggroll_run"] == {"eggroll.session.processors.per.node": 4}
    assert own["adaptation_parameters"]["if_initiator_baseline"] is False


def test_an_arbiter_makes_do_with_one_core() -> None:
    adapted = on_party(baseline(), "arbiter")["adaptation_parameters"]

    assert (adapted["request_task_cores"], adapted["task_cores_per_node"]) == (1, 1)


def test_a_party_leaves_the_baseline_alone() -> None:
    full = baseline()

    on_party(full, "arbiter")

    assert full["adaptation_parameters"]["request_task_cores"] == 4
    assert full["engines_address"] == {}


@pytest.mark.parametrize(
    ("given", "engines", "mode"),
    [
        ({"work_mode": 1}, ("EGGROLL", "EGGROLL", "EGGROLL"), "MULTIPLE"),
        ({"backend": 1}, ("SPARK", "RABBITMQ", "HDFS"), "MULTIPLE"),
        ({"backend": 2}, ("SPARK", "PULSAR", "HDFS"), "MULTIPLE"),
    ],
)
def test_a_backend_means_three_engines(
    given: dict[str, Any], engines: tuple[str, str, str], mode: str
) -> None:
    full = baseline(**given)

    chosen = (full["computing_engine"], full["federation_engine"], full["storage_engine"])
    assert chosen == engines
    assert full["federated_mode"] == mode


def test_spark_counts_executors() -> None:
    own = on_party(baseline(backend=2, spark_run={"num-executors": 3}), "host")

    assert own["spark_run"] == {"num-executors": 3, "executor-cores": 1}
    assert own["engines_address"]["federation"]["port"] == 6650


def test_a_party_says_where_its_engines_are() -> None:
    own = on_party(baseline(backend=1), "guest")["engines_address"]

    assert own["computing"] == {"cores_per_node": 20, "home": None, "nodes": 2}
    assert own["federation"] == {
        "host": "192.168.0.4",
        "mng_port": 12345,
        "password": "fate",
        "port": 5672,
        "route_table": None,
        "user": "fate",
    }
    assert own["storage"] == {"name_node": "hdfs://fate-cluster", "path_prefix": None}


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(DslError, match=r"^'x' is not a valid Backend$"):
        baseline(backend="x")


def test_cores_are_a_number() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        baseline(task_cores="many")
