"""The DSL that predicts, derived from the DSL that trained."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowkit_mockserver.dsl import (
    DslError,
    derive_v1,
    derive_v2,
    generate_dsl,
    read_graph,
    with_code_path,
)

Json = dict[str, Any]


def test_a_deployment_keeps_the_main_line(shop_dsl: Json) -> None:
    deployed = [name for name in shop_dsl["components"] if not name.endswith("_1")]

    assert derive_v2(shop_dsl, deployed) == {
        "components": {
            "reader_0": {"module": "Reader", "output": {"data": ["rows"]}},
            "dataio_0": {
                "module": "DataIO",
                "input": {
                    "model": ["pipeline.dataio_0.io_model"],
                    "data": {"data": ["reader_0.rows"]},
                },
                "output": {"data": ["inst"]},
            },
            "intersection_0": {
                "module": "Intersection",
                "output": {"data": ["common"]},
                "input": {"data": {"data": ["dataio_0.inst"]}},
            },
            "binning_0": {
                "module": "HeteroFeatureBinning",
                "input": {
                    "model": ["pipeline.binning_0.bins"],
                    "data": {"data": ["intersection_0.common"]},
                },
                "output": {"data": ["binned"]},
            },
            "selection_0": {
                "module": "HeteroFeatureSelection",
                "input": {
                    "model": ["pipeline.selection_0.sel"],
                    "data": {"data": ["binning_0.binned"]},
                },
                "output": {"data": ["kept"]},
            },
            "lr_0": {
                "module": "HeteroLR",
                "input": {
                    "model": ["pipeline.lr_0.weights"],
                    "data": {"test_data": ["selection_0.kept"]},
                },
                "output": {"data": ["scored"]},
            },
            "evaluation_0": {
                "module": "Evaluation",
                "input": {"data": {"data": ["lr_0.scored"]}},
            },
        }
    }


def test_gaps_are_bridged_and_missing_readers_cut_off(shop_dsl: Json) -> None:
    derived = derive_v2(shop_dsl, ["dataio_0", "intersection_0", "lr_0"])["components"]

    assert derived["dataio_0"]["input"] == {"model": ["pipeline.dataio_0.io_model"]}
    assert derived["lr_0"]["input"]["data"] == {"test_data": ["intersection_0.common"]}


def test_validation_data_serves_where_there_is_no_training_data(shop_dsl: Json) -> None:
    data = shop_dsl["components"]["lr_0"]["input"]["data"]
    del data["train_data"]

    derived = derive_v2(shop_dsl, list(shop_dsl["components"]))["components"]

    assert derived["lr_0"]["input"]["data"] == {"test_data": ["intersection_1.common"]}


def test_only_eval_data_leaves_nothing(shop_dsl: Json) -> None:
    shop_dsl["components"]["lr_0"]["input"]["data"] = {"eval_data": ["selection_0.kept"]}

    derived = derive_v2(shop_dsl, list(shop_dsl["components"]))["components"]

    assert derived["lr_0"]["input"] == {"model": ["pipeline.lr_0.weights"]}


def test_unknown_components_cannot_be_deployed(shop_dsl: Json) -> None:
    with pytest.raises(DslError) as caught:
        derive_v2(shop_dsl, ["reader_0", "nope_0"])

    assert caught.value.retmsg == (
        "components {'nope_0'} not exist in training dsl, can not deploy!!!"
    )


def test_the_training_dsl_stays_as_it_was(shop_dsl: Json) -> None:
    derived = derive_v2(shop_dsl, list(shop_dsl["components"]))

    derived["components"]["reader_0"]["output"]["data"].append("more")

    assert shop_dsl["components"]["reader_0"]["output"]["data"] == ["rows"]


class TestVersion1:
    def test_leaves_out_what_need_not_be_deployed(self, old_dsl: Json) -> None:
        derived = derive_v1(read_graph(old_dsl, version=1, mode="train"))

        assert derived == {
            "components": {
                "dataio_0": {
                    "module": "DataIO",
                    "input": {
                        "model": ["pipeline.dataio_0.enc"],
                        "data": {"data": ["args.eval_data"]},
                    },
                    "output": {"data": ["inst"]},
                },
                "intersection_0": {
                    "module": "Intersection",
                    "output": {"data": ["both"]},
                    "input": {"data": {"data": ["dataio_0.inst"]}},
                },
                "hetero_lr_0": {
                    "module": "HeteroLR",
                    "input": {
                        "model": ["pipeline.hetero_lr_0.weights"],
                        "data": {"test_data": ["intersection_0.both"]},
                    },
                    "output": {"data": ["scored"]},
                },
            }
        }

    def test_a_component_can_overrule_its_module(self, old_dsl: Json) -> None:
        old_dsl["components"]["evaluation_0"]["need_deploy"] = True
        old_dsl["components"]["intersection_0"]["need_deploy"] = False

        derived = derive_v1(read_graph(old_dsl, version=1, mode="train"))["components"]

        assert list(derived) == ["dataio_0", "hetero_lr_0", "evaluation_0"]
        assert derived["hetero_lr_0"]["input"]["data"] == {"test_data": ["dataio_0.inst"]}


class TestCodePath:
    def test_is_that_of_the_role(self, shop_dsl: Json) -> None:
        derived = derive_v2(shop_dsl, ["reader_0", "lr_0"])

        guest = with_code_path(derived, "guest")["components"]
        arbiter = with_code_path(derived, "arbiter")["components"]

        assert guest["lr_0"]["CodePath"] == (
            "federatedml/linear_model/logistic_regression/hetero_logistic_regression/"
            "hetero_lr_guest.py/HeteroLRGuest"
        )
        assert arbiter["lr_0"]["CodePath"].endswith("HeteroLRArbiter")
        assert "CodePath" not in arbiter["reader_0"]
        assert "CodePath" not in derived["components"]["lr_0"]

    def test_an_undeployed_model_has_none(self) -> None:
        assert with_code_path({}, "guest") == {}


Json = dict[str, Any]


@pytest.mark.parametrize(
    "given",
    [
        ["reader_0", "dataio_0"],
        "reader_0,dataio_0",
        "[reader_0, dataio_0]",
        "reader_0,\ndataio_0,",
    ],
)
def test_names_can_be_a_list_or_a_text(shop_dsl: Json, given: Any) -> None:
    derived = generate_dsl(given, json.dumps(shop_dsl))

    assert set(derived["components"]) == {"reader_0", "dataio_0"}


@pytest.mark.parametrize("given", ["", [], None, "nope_0", "/a", "a\\b", 5])
def test_other_names_are_refused(shop_dsl: Json, given: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(given, json.dumps(shop_dsl))


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_the_training_dsl_is_json(text: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(["reader_0"], text)


@pytest.mark.parametrize("version", ["1", 1, "3"])
def test_only_version_2_can_be_deployed_in_part(shop_dsl: Json, version: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(["reader_0"], json.dumps(shop_dsl), version)
