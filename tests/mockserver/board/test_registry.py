"""The pages of tables, models and tags."""

from __future__ import annotations

from boarding import Board, text_of
from flowkit_mockserver.board.registry import tables_named


def test_tables_are_those_that_jobs_name(board: Board) -> None:
    text = text_of(board.get("tables"))

    assert "guest flowkit_demo 218 4" in text
    assert "host flowkit_demo 221 4" in text


def test_a_table_shows_its_columns_and_its_jobs(board: Board) -> None:
    text = text_of(board.get("table", namespace="flowkit_demo", name="guest"))

    assert "Rows 218" in text
    assert "y income debt_ratio age tenure" in text
    assert board.trained.job_id in text


def test_a_table_that_there_is_not_is_said_so(board: Board) -> None:
    assert "there is no such table" in board.get("table", namespace="no", name="such")


def test_models_are_those_that_jobs_made(board: Board) -> None:
    text = text_of(board.get("models"))
    names = {"model_id": board.trained.model_id, "model_version": board.trained.model_version}
    one = text_of(board.get("model", **names))

    job = f"Job {board.trained.job_id}, success: train"
    assert f"{board.trained.model_id} {board.trained.model_version} {job}" in text
    assert "guest 9999 trained" in one
    assert "arbiter 10000 trained" in one
    assert board.trained.job_id in one


def test_a_model_that_there_is_not_is_refused(board: Board) -> None:
    board.get("model", expect=404, model_id="none", model_version="202001010000000000000")


def test_tags_show_which_models_bear_them(board: Board) -> None:
    board.flow.tag.create("good", "what we like")
    board.flow.model.tag_model(board.trained.model_version, "good")

    assert "good what we like" in text_of(board.get("tags"))
    bearers = text_of(board.get("tags", tag="good"))
    assert f"{board.trained.model_id} guest 9999" in bearers
    assert "None." in text_of(board.get("tags", tag="bad"))


def test_tables_are_found_wherever_a_configuration_names_them() -> None:
    conf = {
        "role": {"guest": {"0": {"reader_0": {"table": {"name": "a", "namespace": "n"}}}}},
        "old": [{"table_name": "b", "namespace": "n"}, {"namespace": "alone"}, {"name": 1}],
    }

    assert list(tables_named(conf)) == [("n", "a"), ("n", "b")]
