"""What a DSL may look like, and the server's sentence for everything else."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, read_graph


def refusal(dsl: Any, *, version: int = 2, mode: str = "train") -> str:
    with pytest.raises(DslError) as caught:
        read_graph(dsl, version=version, mode=mode)
    return caught.value.retmsg


def one(name: str = "x_0", **entry: Any) -> dict[str, Any]:
    return {"components": {name: {"module": "Reader", **entry}}}


def two(**entry: Any) -> dict[str, Any]:
    """A source `y_0` with data `d` and model `m`, and `x_0` as described."""
    source = {"module": "DataIO", "output": {"data": ["d"], "model": ["m"]}}
    return {"components": {"y_0": source, "x_0": {"module": "DataIO", **entry}}}


@pytest.mark.parametrize("dsl", [None, {}])
def test_there_has_to_be_a_dsl(dsl: Any) -> None:
    assert refusal(dsl) == ("There are no dsl, please check if the role and party id are correct")


def test_there_have_to_be_components() -> None:
    assert refusal({"x": 1}) == "No components filed in dsl, please have a check!"


def test_no_components_at_all_are_fine() -> None:
    assert read_graph({"components": {}}, version=2, mode="train").order == ()


def test_a_component_names_its_module() -> None:
    dsl = {"components": {"x_0": {}}}

    assert refusal(dsl) == "Component x_0, module field does not exist in dsl, please have a check"


@pytest.mark.parametrize("name", ["x.0", "x 0", "x!"])
def test_names_of_v2_have_letters_digits_hyphens_and_underscores(name: str) -> None:
    assert refusal(one(name)) == (
        f"Component name {name}'is not illegal, it should be consits of letter, digit, '-'  and '_'"
    )


@pytest.mark.parametrize("name", ["x", "a-b_C9", "größe"])
def test_names_of_v2_need_no_index(name: str) -> None:
    assert read_graph(one(name), version=2, mode="train").declared == (name,)


class TestNamesOfV1:
    def test_need_an_underscore(self) -> None:
        assert refusal(one("dataio"), version=1) == (
            "Component's name should be format of name_index, index is start from 0"
            " and be consecutive for same module, dataio is error"
        )

    def test_end_in_a_number(self) -> None:
        assert refusal(one("data_io"), version=1) == (
            "Component data_io's index should be an integer start from 0"
        )

    def test_count_from_zero_without_gaps(self) -> None:
        dsl = {"components": {f"dataio_{i}": {"module": "DataIO"} for i in (0, 2)}}

        assert refusal(dsl, version=1) == (
            "Component dataio's index should be an integer start from 0"
        )

    def test_keep_a_prefix_for_one_module(self) -> None:
        dsl = {"components": {"a_0": {"module": "DataIO"}, "a_1": {"module": "Union"}}}

        assert refusal(dsl, version=1) == (
            "Component prefix a should be used for only one module, but another"
        )

    def test_are_free_in_a_prediction(self) -> None:
        assert read_graph(one("dataio"), version=1, mode="predict").order == ("dataio",)


@pytest.mark.parametrize(
    ("dsl", "text"),
    [
        (one(output=["d"]), "Output of component x_0 should be dict, but ['d'] does not match"),
        (
            one(output={"data": "d"}),
            "Component x_0's output key data value type should be list",
        ),
        (
            one(output={"model": {}}),
            "Component x_0's output key model value type should be list",
        ),
        (one(input=[]), "Input of component x_0 should be dict"),
        (one(input={"data": []}), "Component x_0's input data type should be dict"),
        (
            two(input={"data": {"data": "y_0.d"}}),
            "Component x_0's input data type should be list, but y_0.d not match",
        ),
        (
            two(input={"model": "y_0.m"}),
            "Component x_0's input model value type should be list, but y_0.m not match",
        ),
    ],
)
def test_inputs_and_outputs_have_a_shape(dsl: Any, text: str) -> None:
    assert refusal(dsl) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"data": {"data": ["z_0.d"]}}, "Component x_0's data input z_0 does not exist"),
        (
            {"data": {"data": ["y_0.e"]}},
            "Component x_0' data input y_0's output data e does not exist",
        ),
        ({"model": ["z_0.m"]}, "Component x_0's model input z_0 does not exist"),
        ({"isometric_model": ["z_0.m"]}, "Component x_0's model input z_0 does not exist"),
        ({"model": ["pipeline.z_0.m"]}, "Component x_0's model input z_0 does not exist"),
    ],
)
def test_references_lead_somewhere(given: Any, text: str) -> None:
    assert refusal(two(input=given)) == text


def test_a_model_source_without_models_is_named_by_its_first_letter() -> None:
    dsl = two(input={"model": ["y_0.m"]})
    del dsl["components"]["y_0"]["output"]["model"]

    assert refusal(dsl) == "Component x_0' s model input y_0's output model y does not exist"


def test_models_of_a_prediction_are_not_looked_up() -> None:
    dsl = two(input={"model": ["pipeline.gone_0.m"]})

    assert read_graph(dsl, version=2, mode="predict").upstream("x_0") == []


def test_outputs_are_checked_before_any_input() -> None:
    dsl = two(input=[])
    dsl["components"]["z_0"] = {"module": "Reader", "output": []}

    assert refusal(dsl) == "Output of component z_0 should be dict, but [] does not match"


def test_a_loop_through_the_first_component_is_spelled_out() -> None:
    dsl = two(input={"data": {"data": ["y_0.d"]}}, output={"data": ["d"]})
    dsl["components"]["y_0"]["input"] = {"data": {"data": ["x_0.d"]}}

    assert refusal(dsl) == "y_0->x_0 form a loop"


def test_a_loop_elsewhere_goes_unnamed() -> None:
    dsl = two(input={"data": {"data": ["x_0.d"]}}, output={"data": ["d"]})

    assert refusal(dsl) == " form a loop"
