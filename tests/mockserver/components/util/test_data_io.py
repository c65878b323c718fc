from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, column, keys, predict, run, text, under
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.dialects.behaviour import behaviour_of

LABELLED: dict[str, Any] = {"with_label": True, "label_name": "y", "label_type": "int"}


def convert(table: TableData, module: str = "DataIO", **options: Any) -> PartyResult:
    return run(module, {GUEST: {"data": table}}, **options)[GUEST]


@pytest.mark.parametrize("module", ["DataIO", "DataTransform"])
def test_lines_become_samples_with_labels(module: str) -> None:
    table = text({"a": "1,0.5,2", "b": "0,1.5,-3"}, "y,x0,x1")

    result = convert(table, module, **LABELLED)

    output = result.tables[0]
    assert output.kind == "instance"
    assert output.schema["header"] == ["x0", "x1"]
    assert output.schema["label_name"] == "y"
    assert list(output.records) == [("a", [1, 0.5, 2.0]), ("b", [0, 1.5, -3.0])]


def test_without_a_label_all_columns_are_features() -> None:
    output = convert(text({"a": "1,0.5"}, "y,x0"), with_label=False).tables[0]

    assert output.schema["header"] == ["y", "x0"]
    assert not output.schema["labelled"]


def test_a_label_column_that_is_not_there_fails() -> None:
    with pytest.raises(ComponentFailed):
        convert(text({"a": "1,0.5"}, "z,x0"), **LABELLED)


def test_text_where_numbers_belong_fails() -> None:
    with pytest.raises(ComponentFailed, match="could not convert string to float"):
        convert(text({"a": "1,many"}, "y,x0"), **LABELLED)


@pytest.mark.parametrize(
    ("column", "text_of_error"),
    [("x0", "attribute name must be string"), ("other", "3 has type int, but expected one of")],
)
def test_a_data_type_of_a_column_must_be_a_text(column: str, text_of_error: str) -> None:
    with pytest.raises(ComponentFailed, match=text_of_error):
        convert(text({"a": "1,2"}, "y,x0"), **LABELLED, exclusive_data_type={column: 3})


def test_gaps_are_filled_as_asked() -> None:
    table = text({"a": "1,2", "b": "0,"}, "y,x0")

    result = convert(
        table, **LABELLED, missing_fill=True, missing_fill_method="designated", default_value=-1
    )

    assert column(result.tables[0], 1) == [2.0, -1.0]
    assert result.model is not None
    assert result.model.param["imputerParam"]["missingReplaceValue"] == {"x0": "-1"}
    assert result.summary is not None
    assert result.summary["missing_fill_info"]["missing_impute_rate"] == {"x0": 0.5}


@pytest.mark.parametrize(
    ("method", "filling"), [("min", 1.0), ("max", 5.0), ("mean", 3.0), ("median", 3.0)]
)
def test_gaps_are_filled_from_the_column(method: str, filling: float) -> None:
    table = text({"a": "1", "b": "", "c": "3", "d": "5"}, "x0")

    output = convert(table, with_label=False, missing_fill=True, missing_fill_method=method).tables[
        0
    ]

    assert column(output, 0) == [1.0, filling, 3.0, 5.0]


def test_an_unknown_way_to_fill_gaps_fails() -> None:
    with pytest.raises(ComponentFailed, match="Unknown replace method"):
        convert(
            text({"a": ""}, "x0"), with_label=False, missing_fill=True, missing_fill_method="guess"
        )


@pytest.mark.parametrize(("data_type", "value"), [("float64", 2.0), ("int64", 2), ("str", "2")])
def test_features_have_the_type_asked_for(data_type: str, value: Any) -> None:
    output = convert(text({"a": "2"}, "x0"), with_label=False, data_type=data_type).tables[0]

    assert list(output.records) == [("a", [value])]


@pytest.mark.parametrize(("label_type", "label"), [("float", 1.0), ("str", "1")])
def test_labels_have_the_type_asked_for(label_type: str, label: Any) -> None:
    output = convert(
        text({"a": "1,2"}, "y,x0"), with_label=True, label_name="y", label_type=label_type
    ).tables[0]

    assert column(output, 0) == [label]


def test_outliers_are_replaced_as_asked() -> None:
    table = text({"a": "1,2", "b": "0,999"}, "y,x0")

    result = convert(
        table,
        **LABELLED,
        outlier_replace=True,
        outlier_replace_method="designated",
        outlier_impute=["999"],
        outlier_replace_value=0,
    )

    assert column(result.tables[0], 1) == [2.0, 0.0]


def test_tags_become_columns() -> None:
    table = text({"a": "red blue", "b": "blue"}, "")

    output = convert(table, input_format="tag", delimitor=" ", with_label=False).tables[0]

    assert output.schema["header"] == ["blue", "red"]
    assert list(output.records) == [("a", [1.0, 1.0]), ("b", [1.0, 0.0])]


def test_tags_keep_the_name_of_a_label_that_is_not_there() -> None:
    options = {"input_format": "tag", "delimitor": " ", "with_label": False, "label_name": "Y"}
    later = behaviour_of(line_of("1.11"))

    result = convert(text({"a": "red blue"}, ""), "DataTransform", behaviour=later, **options)

    assert isinstance(result.model, Model)
    assert (result.model.param["labelName"], result.model.meta["labelName"]) == ("y", "")


def test_tags_with_values_keep_these() -> None:
    table = text({"a": "red:2;blue:3", "b": "blue:4"}, "")

    output = convert(
        table,
        input_format="tag",
        delimitor=";",
        tag_with_value=True,
        tag_value_delimitor=":",
        with_label=False,
    ).tables[0]

    assert output.schema["header"] == ["blue", "red"]
    assert list(output.records) == [("a", [3.0, 2.0]), ("b", [4.0, 0.0])]


def test_sparse_lines_become_columns() -> None:
    table = text({"a": "1 0:2 2:5", "b": "0 1:3"}, "")

    output = convert(table, input_format="sparse", delimitor=" ", **LABELLED).tables[0]

    assert column(output, 0) == [1, 0]
    assert len(output.schema["header"]) == 3


def test_prediction_reads_columns_in_the_order_of_the_model() -> None:
    trained = run("DataIO", {GUEST: {"data": text({"a": "1,0.5,2"}, "y,x0,x1")}}, **LABELLED)
    later = text({"c": "9,0,7"}, "x1,y,x0")

    output = predict("DataIO", trained, under("data", {GUEST: later}), **LABELLED)[GUEST].tables[0]

    assert output.schema["header"] == ["x0", "x1"]
    assert keys(output) == ["c"]
    assert next(iter(output.records))[1][1:] == [7.0, 9.0]


@pytest.mark.parametrize(("line", "name"), [("1.6", "y"), ("1.7", ""), ("1.8", ""), ("1.11", "")])
def test_the_name_of_a_label_that_is_not_there_is_kept_until_1_7(line: str, name: str) -> None:
    options: dict[str, Any] = {"with_label": False, "label_name": "y", "input_format": "dense"}
    behaviour = behaviour_of(line_of(line))
    data = {GUEST: {"data": text({"a": "1"}, "x0")}}

    trained = run("DataTransform", data, behaviour=behaviour, **options)
    assert trained[GUEST].tables[0].schema["label_name"] == name
    if line == "1.6":
        assert trained[GUEST].model is not None
        assert trained[GUEST].model.param["labelName"] == "y"
        assert trained[GUEST].model.meta["labelName"] == "y"
        assert "withMatchId" not in trained[GUEST].model.meta
    if name == "":
        read = predict("DataTransform", trained, data, behaviour=behaviour, **options)
        assert read[GUEST].tables[0].schema["label_name"] == ""


def test_the_model_says_what_was_read() -> None:
    model = convert(text({"a": "1,0.5"}, "y,x0"), **LABELLED).model

    assert model is not None
    assert (model.meta_name, model.param_name) == ("DataIOMeta", "DataIOParam")
    assert model.param["header"] == ["x0"]
    assert model.param["labelName"] == "y"
    assert model.meta["withLabel"] is True


LATER = behaviour_of(line_of("1.11"))


@pytest.mark.parametrize(("line", "rate", "filled"), [("1.6", 0.5, 0.0), ("1.11", 0.0, None)])
def test_without_a_method_later_lines_leave_what_is_missing(
    line: str, rate: float, filled: float | None
) -> None:
    table = text({"a": "1,", "b": "0,1.5"}, "y,x0")

    result = convert(
        table,
        "DataTransform",
        **LABELLED,
        missing_fill=True,
        missing_impute=[""],
        behaviour=behaviour_of(line_of(line)),
    )

    value = column(result.tables[0], 1)[0]
    assert value == filled if filled is not None else value != value
    assert result.model is not None
    assert result.model.param["imputerParam"]["missingValueRatio"]["x0"] == rate


def test_outliers_without_a_method_stay_in_later_lines() -> None:
    table = text({"a": "1,-999", "b": "0,1.5"}, "y,x0")

    result = convert(
        table,
        "DataTransform",
        **LABELLED,
        outlier_replace=True,
        outlier_impute=["-999"],
        behaviour=LATER,
    )

    assert column(result.tables[0], 1) == [-999.0, 1.5]


def test_later_lines_designate_a_replacement_for_each_column() -> None:
    table = text({"a": "1,-999,2", "b": "0,1.5,-999"}, "y,x0,x1")

    result = convert(
        table,
        "DataTransform",
        **LABELLED,
        outlier_replace=True,
        outlier_impute=["-999"],
        outlier_replace_method="designated",
        outlier_replace_value=[7, 8],
        behaviour=LATER,
    )

    assert list(result.tables[0].records) == [("a", [1, 7.0, 2.0]), ("b", [0, 1.5, 8.0])]


def test_beside_columns_of_other_types_missing_numbers_are_nan_in_later_lines() -> None:
    table = text({"a": "1,,2,", "b": "0,1.5,3,blue"}, "y,x0,x1,x2")

    result = convert(
        table,
        "DataTransform",
        **LABELLED,
        exclusive_data_type={"x1": "int", "x2": "str"},
        behaviour=LATER,
    )

    rows = dict(result.tables[0].records)
    assert rows["b"] == [0, 1.5, 3, "blue"]
    assert rows["a"][1] != rows["a"][1]
    assert rows["a"][2:] == [2, ""]


def test_a_label_that_is_not_there_is_a_missing_key_in_later_lines() -> None:
    asked = {**LABELLED, "label_name": "nosuch"}

    with pytest.raises(ComponentFailed, match="KeyError: 'nosuch'"):
        convert(text({"a": "1,2"}, "y,x0"), "DataTransform", **asked, behaviour=LATER)


@pytest.mark.parametrize(
    ("line", "form", "name"),
    [("1.6", "dense", "y"), ("1.7", "dense", ""), ("1.8", "tag", ""), ("1.8", "sparse", "y")],
)
def test_a_data_io_of_data_without_a_label_leaves_its_name_out_from_1_7_on(
    line: str, form: str, name: str
) -> None:
    rows = {"dense": "0.5,1", "tag": "x0:1,x1:2", "sparse": "1,0:1,1:2"}
    table = text({"a": rows[form]}, "x0,x1" if form == "dense" else "")
    options = {"input_format": form, "with_label": False, "label_name": "y", "tag_with_value": True}
    result = convert(table, behaviour=behaviour_of(line_of(line)), delimitor=",", **options)
    assert result.model is not None
    assert result.model.param["labelName"] == name
    assert result.model.meta["labelName"] == name
    assert result.model.meta["labelType"] == ("int" if name else "")
