"""The rows of a reply as a data frame."""

from __future__ import annotations

import pandas
import polars
import pytest

from flowkit import ArgumentError, Reply
from recorded_results import answer


def test_rows_of_every_line_have_the_same_columns() -> None:
    old = Reply({"retcode": 0, "data": [{"f_job_id": "1", "f_status": "success"}]})
    new = Reply(
        {"retcode": 0, "data": {"jobs": [{"job_id": "1", "status": "success"}], "count": 1}}
    )
    for reply in (old, new):
        frame = reply.to_frame("pandas")
        assert isinstance(frame, pandas.DataFrame)
        assert frame.to_dict("records") == [{"f_job_id": "1", "f_status": "success"}]


def test_rows_that_lack_a_column_have_none_there() -> None:
    frame = Reply({"retcode": 0, "data": [{"a": 1}, {"b": "x"}]}).to_frame("polars")
    assert isinstance(frame, polars.DataFrame)
    assert frame.to_dicts() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]


def test_the_preview_of_a_table_has_the_names_of_its_header() -> None:
    meta = {"header": [["id", "y"]], "names": ["data"], "total": [1]}
    frame = Reply({"retcode": 0, "data": [[["1", 0, "train"]]], "meta": meta}).to_frame("polars")
    assert frame.to_dicts() == [{"id": "1", "y": 0, "column 2": "train"}]


def test_several_tables_are_no_frame() -> None:
    meta = {"header": [["id"], ["id"]], "names": ["train_data", "test_data"]}
    with pytest.raises(ArgumentError, match=r"several tables, .*output_frame takes one"):
        Reply({"data": [[], []], "meta": meta}).to_frame()


def test_pairs_of_a_metric_are_keys_and_values() -> None:
    frame = Reply({"retcode": 0, "data": [[0, 0.7], [1, 0.5]], "meta": {}}).to_frame("polars")
    assert frame.to_dict(as_series=False) == {"key": [0, 1], "value": [0.7, 0.5]}


def test_any_other_object_is_one_row_and_texts_are_one_column() -> None:
    # A table's description has a count, too, and is no page.
    assert Reply({"data": {"count": 7, "exist": 1}}).to_frame("polars").rows() == [(7, 1)]
    assert Reply({"data": {"jobs": [], "count": 0}}).to_frame("polars").is_empty()
    assert Reply({"data": {"table": "t", "x": 1}}).to_frame("polars").rows() == [("t", 1)]
    assert Reply({"data": ["a", "b"]}).to_frame("polars")["value"].to_list() == ["a", "b"]


def test_all_metrics_are_a_row_for_each_value() -> None:
    frame = Reply(answer("1.6", "evaluation")).to_frame("pandas")
    assert list(frame.columns) == ["set", "metric", "type", "key", "value"]
    auc = frame[(frame.metric == "hetero_lr_0") & (frame.key == "auc")]
    assert auc.value.to_list() == [0.955724]
    assert (frame.type == "ROC_EVALUATION").sum() == 79


@pytest.mark.parametrize("data", [None, [], {}, "done"])
def test_nothing_is_an_empty_frame(data: object) -> None:
    assert Reply({"retcode": 0, "data": data}).to_frame("pandas").empty
