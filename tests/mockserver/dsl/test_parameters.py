"""Which parameters a component gets on which party, and what component/validate says of them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from component_bench import kind_named
from flowkit_mockserver.dsl import DslError, parameters_answer, validate_component
from flowkit_mockserver.dsl.parameters import merge_component
from flowkit_mockserver.errors import HttpRefusal

ROLES = {"arbiter": [9], "guest": [1], "host": [2, 3]}


def conf(common: Any = None, role: Any = None) -> dict[str, Any]:
    return {
        "role": copy.deepcopy(ROLES),
        "component_parameters": {"common": common or {}, "role": role or {}},
    }


def refusal(submitted: Any, module: str = "HeteroLR", *, version: int = 2) -> str:
    with pytest.raises(DslError) as caught:
        merge_component(submitted, module, "lr_0", version=version)
    return caught.value.retmsg


def test_without_a_word_the_defaults_hold() -> None:
    merged = merge_component(conf(), "HeteroLR", "lr_0", version=2)

    assert merged["host"][1]["HeteroLogisticParam"] == kind_named("HeteroLR").defaults


def test_roles_that_do_not_run_the_module_have_none() -> None:
    merged = merge_component(conf(), "DataIO", "dataio_0", version=2)

    assert {role: len(parties) for role, parties in merged.items()} == {"guest": 1, "host": 2}


def test_a_stored_object_says_whose_it_is_and_what_runs() -> None:
    stored = merge_component(conf(), "DataIO", "dataio_0", version=2)["host"][1]

    assert stored["local"] == {"role": "host", "party_id": 3}
    assert stored["module"] == "DataIO"
    assert stored["CodePath"] == "federatedml/util/data_io.py/DataIO"
    assert stored["role"] == {"guest": [1], "host": [2, 3]}


def test_the_role_goes_over_the_common_part() -> None:
    merged = merge_component(
        conf({"lr_0": {"max_iter": 5, "alpha": 2}}, {"host": {"1": {"lr_0": {"max_iter": 7}}}}),
        "HeteroLR",
        "lr_0",
        version=2,
    )

    shown = [stored["HeteroLogisticParam"] for stored in merged["host"]]
    assert [(params["max_iter"], params["alpha"]) for params in shown] == [(5, 2), (7, 2)]


def test_later_keys_of_a_role_win() -> None:
    role = {"host": {"all": {"lr_0": {"alpha": 1}}, "0|1": {"lr_0": {"alpha": 2}}}}

    merged = merge_component(conf(role=role), "HeteroLR", "lr_0", version=2)

    assert [stored["HeteroLogisticParam"]["alpha"] for stored in merged["host"]] == [2, 2]


def test_nested_classes_are_merged_and_plain_maps_replaced() -> None:
    merged = merge_component(
        conf({"nn_0": {"optimizer": {"optimizer": "SGD"}, "intersect_param": {"random_bit": 64}}}),
        "FTL",
        "nn_0",
        version=2,
    )["guest"][0]["FTLParam"]

    assert merged["optimizer"] == {"optimizer": "SGD"}
    assert merged["intersect_param"]["random_bit"] == 64
    assert merged["intersect_param"]["intersect_method"] == "rsa"


def test_parties_do_not_share_their_parameters() -> None:
    merged = merge_component(conf(), "HeteroLR", "lr_0", version=2)

    merged["host"][0]["HeteroLogisticParam"]["init_param"]["init_const"] = 99

    assert merged["host"][1]["HeteroLogisticParam"]["init_param"]["init_const"] == 1
    assert kind_named("HeteroLR").defaults["init_param"]["init_const"] == 1


def test_an_unknown_parameter_is_redundant() -> None:
    text = "Component lr_0, module HeteroLR, has redundant parameter"

    assert refusal(conf({"lr_0": {"foo": 1}})) == f"{text} foo"
    assert refusal(conf({"lr_0": {"init_param": {"bar": 1}}})) == f"{text} bar"


def test_an_unknown_parameter_can_be_skipped() -> None:
    merged = merge_component(
        conf({"lr_0": {"foo": 1}}), "HeteroLR", "lr_0", version=2, redundant_check=False
    )

    assert "foo" not in merged["guest"][0]["HeteroLogisticParam"]


def test_an_unknown_module_is_refused() -> None:
    assert refusal(conf(), "heterolr") == (
        "Component lr_0, module heterolr does not exist under the fold federatedml.setting_conf"
    )


def test_the_class_has_the_last_word() -> None:
    assert refusal(conf({"lr_0": {"max_iter": "x"}})) == (
        "Component lr_0, module HeteroLR, does not pass component check,"
        " error msg is logistic_param's max_iter x not supported, should be int type"
    )


class TestVersion1:
    def test_every_party_takes_its_element(self, old_conf: dict[str, Any]) -> None:
        merged = merge_component(old_conf, "HeteroLR", "hetero_lr_0", version=1)

        shown = [stored["HeteroLogisticParam"] for stored in merged["host"]]
        assert [params["batch_size"] for params in shown] == [32, 64]
        assert [params["init_param"]["init_const"] for params in shown] == [1, 2]
        assert [params["max_iter"] for params in shown] == [3, 3]

    def test_a_leaf_is_a_list(self, old_conf: dict[str, Any]) -> None:
        old_conf["role_parameters"]["guest"]["lr_0"] = {"alpha": 1}

        assert refusal(old_conf, version=1) == "Role guest role parameter alpha should be list"

    def test_a_leaf_has_one_element_a_party(self, old_conf: dict[str, Any]) -> None:
        old_conf["role_parameters"]["host"]["lr_0"] = {"alpha": [1]}

        assert refusal(old_conf, version=1) == (
            "Role host role parameter alpha should be a list of same length with roles"
        )


def test_a_conf_with_local_shares_it_among_all_parties() -> None:
    submitted = conf() | {"local": {}}

    merged = merge_component(submitted, "DataIO", "dataio_0", version=2)

    assert merged["guest"][0]["local"] == {"role": "host", "party_id": 3}


def test_selection_methods_are_kept_in_small_letters() -> None:
    submitted = conf({"s_0": {"filter_methods": ["Manually", "IV_FILTER"]}})

    merged = merge_component(submitted, "HeteroFeatureSelection", "s_0", version=2)

    shown = merged["guest"][0]["FeatureSelectionParam"]["filter_methods"]
    assert shown == ["manually", "iv_filter"]


def test_other_values_keep_the_spelling_that_was_submitted() -> None:
    merged = merge_component(conf({"lr_0": {"penalty": "l2"}}), "HeteroLR", "lr_0", version=2)

    assert merged["guest"][0]["HeteroLogisticParam"]["penalty"] == "l2"


def test_the_answer_shows_module_and_parameters_only() -> None:
    stored = merge_component(conf() | {"MyParam": 1}, "Reader", "reader_0", version=2)["guest"][0]

    assert parameters_answer(stored) == {
        "module": "Reader",
        "ReaderParam": {"table": None},
        "MyParam": 1,
    }


def body(**more: Any) -> dict[str, Any]:
    return {
        "component_name": "lr_0",
        "component_module_name": "HeteroLR",
        "role": {"guest": [1], "host": [2]},
        "dsl_version": 2,
        "component_parameters": {"common": {"lr_0": {"max_iter": 3}}},
    } | more


def answer_to(sent: Any) -> tuple[int, str]:
    with pytest.raises(HttpRefusal) as caught:
        validate_component(sent)
    return caught.value.code, caught.value.retmsg


def test_good_parameters_pass() -> None:
    validate_component(body())


def test_version_1_has_its_own_layout() -> None:
    sent = body(
        dsl_version="1",
        role_parameters={"host": {"lr_0": {"max_iter": [4]}}},
        algorithm_parameters={},
    )

    validate_component(sent)
    del sent["algorithm_parameters"]
    assert answer_to(sent) == (400, "required parameters are missing: algorithm_parameters;")


@pytest.mark.parametrize("sent", [None, {}, [], "x"])
def test_there_has_to_be_a_body(sent: Any) -> None:
    assert answer_to(sent) == (400, "bad request")


def test_the_version_has_to_be_known() -> None:
    assert answer_to({"component_name": "a"}) == (400, "unsupported dsl_version")
    assert answer_to(body(dsl_version="x")) == (500, "invalid literal for int() with base 10: 'x'")


def test_what_is_wrong_is_told_as_at_a_submit() -> None:
    wrong = body(component_parameters={"common": {"lr_0": {"max_iter": "bad"}}})

    assert answer_to(wrong) == (
        400,
        "Component lr_0, module HeteroLR, does not pass component check,"
        " error msg is logistic_param's max_iter bad not supported, should be int type",
    )


def test_the_body_is_not_changed() -> None:
    sent = body(local={"x": 1}, component_parameters={"common": {"lr_0": {"alpha": 1}}})

    validate_component(sent)

    assert sent["local"] == {"x": 1}
