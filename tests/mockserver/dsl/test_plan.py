"""What a plan knows, and what a party may see of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flowkit_mockserver.dsl import Plan, job_view

Planner = Callable[..., Plan]
Json = dict[str, Any]


def test_tasks_are_the_components_that_a_role_runs(
    plan: Planner, shop_dsl: Json, shop_conf: Json
) -> None:
    tasks = list(plan(shop_dsl, shop_conf).tasks())

    arbiter = [task.component for task in tasks if task.role == "arbiter"]
    assert arbiter == ["lr_0", "evaluation_0"]
    assert len([task for task in tasks if task.party_id == 7003]) == 10


def test_tasks_follow_the_order_of_the_graph(
    plan: Planner, shop_dsl: Json, shop_conf: Json
) -> None:
    planned = plan(shop_dsl, shop_conf)

    guest = [task.component for task in planned.tasks() if task.role == "guest"]
    assert guest == list(planned.graph.order)


def test_a_component_with_an_input_model_takes_over_all_parameters(
    plan: Planner, shop_dsl: Json, shop_conf: Json
) -> None:
    shop_conf["component_parameters"]["common"]["dataio_1"] = {"with_label": False}

    parameters = plan(shop_dsl, shop_conf).parameters

    assert parameters["dataio_1"] == parameters["dataio_0"]
    guest = parameters["dataio_1"]["guest"]["7001"]["DataIOParam"]
    assert (guest["with_label"], guest["label_name"]) == (True, "y")


def test_every_party_has_a_conf_of_its_own(plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
    planned = plan(shop_dsl, shop_conf)

    own = planned.runtime_conf_on_party["host"]["7003"]
    assert own["job_parameters"] == planned.job_parameters["host"]["7003"]
    assert own["component_parameters"] == planned.runtime_conf["component_parameters"]


def test_a_plan_is_its_document(plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
    planned = plan(shop_dsl, shop_conf)

    restored = Plan.from_document(json.loads(json.dumps(planned.to_document())))

    assert restored == planned
    assert restored.parameters == planned.parameters
    assert list(restored.tasks()) == list(planned.tasks())
    assert restored.graph.order == planned.graph.order
    assert restored.runtime_conf_on_party == planned.runtime_conf_on_party


def test_a_stored_v1_plan_still_has_its_predict_dsl(
    plan: Planner, old_dsl: Json, old_conf: Json
) -> None:
    planned = plan(old_dsl, old_conf)

    restored = Plan.from_document(json.loads(json.dumps(planned.to_document())))

    assert restored.inference_dsl == planned.inference_dsl
    assert restored.dsl_version == 1


Planner = Callable[..., Plan]
Json = dict[str, Any]


def test_the_initiator_sees_everything(plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
    view = job_view(plan(shop_dsl, shop_conf), "guest", 7001)

    assert view == {
        "partner": {"arbiter": [7009], "host": [7002, 7003]},
        "dataset": {
            "guest": {"7001": {"reader_0": "shop.g_train", "reader_1": "shop.g_test"}},
            "host": {
                "7002": {"reader_0": "shop.h_train", "reader_1": "shop.h_test_0"},
                "7003": {"reader_0": "shop.h_train", "reader_1": "shop.h_test_1"},
            },
        },
        "roles": {"arbiter": [7009], "guest": [7001], "host": [7002, 7003]},
    }


def test_the_others_see_their_own(plan: Planner, shop_dsl: Json, shop_conf: Json) -> None:
    view = job_view(plan(shop_dsl, shop_conf), "host", 7003)

    assert view == {
        "partner": {"arbiter": [7009], "guest": [7001], "host": [7002]},
        "dataset": {"host": {"7003": {"reader_0": "shop.h_train", "reader_1": "shop.h_test_1"}}},
        "roles": {"host": [7003]},
    }


def test_version_1_names_tables_by_their_key(plan: Planner, old_dsl: Json, old_conf: Json) -> None:
    view = job_view(plan(old_dsl, old_conf), "host", 7002)

    assert view["dataset"] == {"host": {"7002": {"train_data": "shop.h0"}}}
