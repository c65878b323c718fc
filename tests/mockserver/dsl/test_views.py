"""What each party sees of a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowkit_mockserver.dsl import Plan, job_view

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
