"""A shop's jobs: a training DSL with every kind of reference, and confs of both versions."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from flowkit_mockserver.dsl import Plan, plan_submission

_SHOP_DSL: dict[str, Any] = {
    "components": {
        "reader_0": {"module": "Reader", "output": {"data": ["rows"]}},
        "reader_1": {"module": "Reader", "output": {"data": ["rows"]}},
        "dataio_0": {
            "module": "DataIO",
            "input": {"data": {"data": ["reader_0.rows"]}},
            "output": {"data": ["inst"], "model": ["io_model"]},
        },
        "dataio_1": {
            "module": "DataIO",
            "input": {"data": {"data": ["reader_1.rows"]}, "model": ["dataio_0.io_model"]},
            "output": {"data": ["inst"]},
        },
        "intersection_0": {
            "module": "Intersection",
            "input": {"data": {"data": ["dataio_0.inst"]}},
            "output": {"data": ["common"]},
        },
        "intersection_1": {
            "module": "Intersection",
            "input": {"data": {"data": ["dataio_1.inst"]}},
            "output": {"data": ["common"]},
        },
        "binning_0": {
            "module": "HeteroFeatureBinning",
            "input": {"data": {"data": ["intersection_0.common"]}},
            "output": {"data": ["binned"], "model": ["bins"]},
        },
        "selection_0": {
            "module": "HeteroFeatureSelection",
            "input": {
                "data": {"data": ["binning_0.binned"]},
                "isometric_model": ["binning_0.bins"],
            },
            "output": {"data": ["kept"], "model": ["sel"]},
        },
        "lr_0": {
            "module": "HeteroLR",
            "input": {
                "data": {
                    "train_data": ["selection_0.kept"],
                    "validate_data": ["intersection_1.common"],
                }
            },
            "output": {"data": ["scored"], "model": ["weights"]},
        },
        "evaluation_0": {
            "module": "Evaluation",
            "input": {"data": {"data": ["lr_0.scored"]}},
        },
    }
}


def _table(name: str) -> dict[str, Any]:
    return {"table": {"name": name, "namespace": "shop"}}


_SHOP_CONF: dict[str, Any] = {
    "dsl_version": 2,
    "initiator": {"role": "guest", "party_id": 7001},
    "role": {"arbiter": [7009], "guest": [7001], "host": [7002, 7003]},
    "job_parameters": {"common": {"work_mode": 0, "backend": 0, "job_type": "train"}},
    "component_parameters": {
        "common": {
            "dataio_0": {"with_label": False},
            "lr_0": {
                "max_iter": 5,
                "optimizer": "sgd",
                "init_param": {"init_method": "zeros"},
            },
        },
        "role": {
            "guest": {
                "0": {
                    "reader_0": _table("g_train"),
                    "reader_1": _table("g_test"),
                    "dataio_0": {"with_label": True, "label_name": "y"},
                }
            },
            "host": {
                "all": {"reader_0": _table("h_train")},
                "0": {"reader_1": _table("h_test_0")},
                "1": {"reader_1": _table("h_test_1")},
                "0|1": {"lr_0": {"batch_size": 64}},
            },
        },
    },
}

_OLD_DSL: dict[str, Any] = {
    "components": {
        "dataio_0": {
            "module": "DataIO",
            "input": {"data": {"data": ["args.train_data"]}},
            "output": {"data": ["inst"], "model": ["enc"]},
            "need_deploy": True,
        },
        "intersection_0": {
            "module": "Intersection",
            "input": {"data": {"data": ["dataio_0.inst"]}},
            "output": {"data": ["both"]},
        },
        "federated_sample_0": {
            "module": "FederatedSample",
            "input": {"data": {"data": ["intersection_0.both"]}},
            "output": {"data": ["sampled"]},
        },
        "hetero_lr_0": {
            "module": "HeteroLR",
            "input": {"data": {"train_data": ["federated_sample_0.sampled"]}},
            "output": {"data": ["scored"], "model": ["weights"]},
        },
        "evaluation_0": {
            "module": "Evaluation",
            "input": {"data": {"data": ["hetero_lr_0.scored"]}},
        },
    }
}

_OLD_CONF: dict[str, Any] = {
    "initiator": {"role": "guest", "party_id": 7001},
    "role": {"guest": [7001], "host": [7002, 7003], "arbiter": [7009]},
    "job_parameters": {"work_mode": 0},
    "role_parameters": {
        "guest": {
            "args": {"data": {"train_data": [{"name": "g", "namespace": "shop"}]}},
            "dataio_0": {"with_label": [True]},
        },
        "host": {
            "args": {
                "data": {
                    "train_data": [
                        {"name": "h0", "namespace": "shop"},
                        {"name": "h1", "namespace": "shop"},
                    ]
                }
            },
            "hetero_lr_0": {
                "batch_size": [32, 64],
                "init_param": {"init_const": [1, 2]},
            },
        },
    },
    "algorithm_parameters": {"hetero_lr_0": {"max_iter": 3}},
}


@pytest.fixture
def shop_dsl() -> dict[str, Any]:
    """A training DSL of version 2, free to change."""
    return copy.deepcopy(_SHOP_DSL)


@pytest.fixture
def shop_conf() -> dict[str, Any]:
    """The conf of `shop_dsl`: guest 7001, hosts 7002 and 7003, arbiter 7009."""
    return copy.deepcopy(_SHOP_CONF)


@pytest.fixture
def old_dsl() -> dict[str, Any]:
    """A training DSL of version 1."""
    return copy.deepcopy(_OLD_DSL)


@pytest.fixture
def old_conf() -> dict[str, Any]:
    """The conf of `old_dsl`."""
    return copy.deepcopy(_OLD_CONF)


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """Plans a job; a prediction uses `model`."""

    def make(dsl: Any, conf: Any, *, model: Any = None, job_id: str = "2021") -> Plan:
        return plan_submission(dsl, conf, job_id=job_id, find_model=lambda *_: model)

    return make
