"""The archive of a component's output data."""

from __future__ import annotations

import json
import tarfile
from typing import Any

import pytest

from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.data.archives import output_archive
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.errors import Refusal

TEXT = TableData("text", {"header": "y,x0", "sid": "id"}, [("1", "0,0.5"), ("2", "1,0.7")])
INSTANCES = TableData(
    "instance",
    {"header": ["x0"], "sid_name": "id", "label_name": "y", "labelled": True},
    [("1", [0, 0.5])],
)
PREDICTIONS = TableData(
    "prediction",
    {"header": ["label", "predict_result", "predict_score", "predict_detail", "type"]},
    [("1", [0, 1, 0.75, {"0": 0.25, "1": 0.75}, "train"])],
)


def unpacked(tables: Tables, *data: tuple[str, TableData], **options: Any) -> dict[str, str] | None:
    stored = [(name, tables.put(table, "out", name)) for name, table in data]
    archive = output_archive(stored, **options)
    if archive is None:
        return None
    with archive, tarfile.open(fileobj=archive) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name: file.read().decode() for name, file in files.items() if file is not None}


def test_each_table_is_a_csv_and_its_header(tables: Tables) -> None:
    files = unpacked(tables, ("train_data", TEXT), ("test_data", INSTANCES))

    assert files is not None
    assert list(files) == ["train_data.csv", "train_data.meta", "test_data.csv", "test_data.meta"]
    assert files["train_data.csv"] == "sid,y,x0\n1,0,0.5\n2,1,0.7\n"
    assert files["test_data.csv"] == "id,y,x0\n1,0,0.5\n"
    assert files["test_data.meta"] == json.dumps({"header": ["id", "y", "x0"]}, indent=4)


def test_values_are_joined_without_quoting(tables: Tables) -> None:
    files = unpacked(tables, ("data", PREDICTIONS))

    assert files is not None
    assert files["data.csv"].splitlines()[1] == "1,0,1,0.75,{'0': 0.25, '1': 0.75},train"


def test_the_header_line_can_be_left_out_and_the_meta_still_has_it(tables: Tables) -> None:
    files = unpacked(tables, ("data", TEXT), head=False)

    assert files is not None
    assert files["data.csv"] == "1,0,0.5\n2,1,0.7\n"
    assert json.loads(files["data.meta"]) == {"header": ["sid", "y", "x0"]}


def test_a_limit_counts_for_each_table(tables: Tables) -> None:
    files = unpacked(tables, ("data", TEXT), limit=1)

    assert files is not None
    assert files["data.csv"] == "sid,y,x0\n1,0,0.5\n"


def test_text_without_names_has_no_header_line(tables: Tables) -> None:
    files = unpacked(tables, ("data", TableData("text", {"sid_name": "id"}, [("1", "a")])))

    assert files is not None
    assert files["data.csv"] == "1,a\n"
    assert json.loads(files["data.meta"]) == {"header": None}


def test_empty_tables_are_left_out_and_nothing_at_all_is_none(tables: Tables) -> None:
    empty = TableData("text", {}, [])

    assert unpacked(tables, ("empty", empty)) is None
    files = unpacked(tables, ("empty", empty), ("data", TEXT))
    assert files is not None
    assert list(files) == ["data.csv", "data.meta"]


def test_a_table_of_many_rows_is_complete(tables: Tables) -> None:
    rows = [(str(number), "0.5") for number in range(5000)]
    files = unpacked(tables, ("data", TableData("text", {}, rows)))

    assert files is not None
    assert files["data.csv"].count("\n") == 5001


def test_a_table_whose_ids_have_no_name_cannot_be_sent_with_a_header(tables: Tables) -> None:
    nameless = TableData("instance", {**INSTANCES.schema, "sid_name": None}, INSTANCES.records)

    with pytest.raises(Refusal) as refused:
        unpacked(tables, ("data", nameless))

    assert refused.value.retmsg == "sequence item 0: expected str instance, NoneType found"
    assert refused.value.retcode == 100
    files = unpacked(tables, ("data", nameless), head=False)
    assert files is not None
    assert files["data.csv"] == "1,0,0.5\n"
