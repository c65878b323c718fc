"""What pipeline/dag/dependency tells a party."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, Plan, conf_dependency, dag_dependency

Json = dict[str, Any]


@pytest.fixture
def job(plan: Callable[..., Plan], shop_dsl: Json, shop_conf: Json) -> Plan:
    shop_conf["component_parameters"]["role"]["host"]["1"]["binning_0"] = {"need_run": False}
    return plan(shop_dsl, shop_conf)


def test_inputs_come_with_their_place_in_the_source(job: Plan) -> None:
    found = dag_dependency(job.parsed, "guest", "7001")["dependencies"]

    assert found["dataio_1"] == [
        {"component_name": "reader_1", "type": "data", "up_output_info": ["data", 0]},
        {"component_name": "dataio_0", "type": "model", "up_output_info": ["model", 0]},
    ]
    assert found["lr_0"] == [
        {"component_name": "selection_0", "type": "train_data", "up_output_info": ["data", 0]},
        {
            "component_name": "intersection_1",
            "type": "validate_data",
            "up_output_info": ["data", 0],
        },
    ]
    assert "reader_0" not in found


def test_components_come_in_running_order_with_their_modules(job: Plan) -> None:
    found = dag_dependency(job.parsed, "guest", 7001)

    assert found["component_list"] == list(job.graph.order)
    assert found["component_module"]["binning_0"] == "HeteroFeatureBinning"


def test_an_arbiter_runs_little(job: Plan) -> None:
    flags = dag_dependency(job.parsed, "arbiter", 7009)["component_need_run"]

    assert [name for name, runs in flags.items() if runs] == ["lr_0", "evaluation_0"]


def test_parameters_can_switch_a_component_off(job: Plan) -> None:
    assert dag_dependency(job.parsed, "host", 7002)["component_need_run"]["binning_0"]
    assert not dag_dependency(job.parsed, "host", 7003)["component_need_run"]["binning_0"]


@pytest.mark.parametrize(
    ("role", "party", "text"),
    [
        ("zz", 7001, "role zz is unknown, can not extract component dependency"),
        ("guest", 9, "party id 9 is unknown, can not extract component dependency"),
    ],
)
def test_strangers_are_told_so(job: Plan, role: str, party: int, text: str) -> None:
    with pytest.raises(DslError) as caught:
        dag_dependency(job.parsed, role, party)

    assert caught.value.retmsg == text


def test_a_dsl_can_be_sent_instead_of_a_job(shop_dsl: Json, shop_conf: Json) -> None:
    found = conf_dependency(shop_dsl, shop_conf, {}, role="guest", party_id="7001")

    assert found["component_need_run"]["reader_0"] is True


def test_what_is_wrong_with_it_has_its_text(shop_conf: Json) -> None:
    with pytest.raises(DslError) as caught:
        conf_dependency({}, {}, {}, role="guest", party_id=1)

    assert caught.value.retmsg == "'job_parameters'"
