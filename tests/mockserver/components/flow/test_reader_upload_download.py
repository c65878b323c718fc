from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from component_bench import GUEST, keys, run, text
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects.behaviour import behaviour_of

LOCAL = ("local", "0")
ADDRESS = {"name": "breast", "namespace": "experiment"}


def read(table: TableData | None, **options: Any) -> Any:
    return run(
        "Reader",
        parties=[GUEST],
        read_table=lambda namespace, name, party=None: (
            table if (namespace, name) == ("experiment", "breast") else None
        ),
        table=ADDRESS,
        **options,
    )[GUEST]


def test_a_reader_puts_the_table_out_and_describes_it() -> None:
    result = read(text({"1": "0,2.5", "2": "1,-1"}, "y,x0"), aliases=["rows"])

    assert keys(result.tables[0]) == ["1", "2"]
    metric = result.metrics["reader_namespace"]["reader_name"]
    assert metric.data == []
    assert metric.meta["name"] == "reader"
    assert metric.meta["count"] == 2
    assert set(metric.meta["table_info"]) == {"y", "x0"}
    assert result.model is None
    assert not result.summary


def test_a_reader_without_an_alias_still_names_its_table() -> None:
    assert len(read(text({"1": "0"}, "y")).data_names or []) == 1


def test_a_reader_without_a_table_fails_with_the_name_it_looked_for() -> None:
    with pytest.raises(
        ComponentFailed, match="can not found table name: breast namespace: experiment"
    ):
        read(None)


class Shelf:
    """Where an upload puts its rows."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], tuple[TableData, list[Any], bool]] = {}

    def write(self, namespace: str, name: str, table: TableData, destroy: bool) -> int:
        rows = list(table.records)
        self.stored[namespace, name] = (table, rows, destroy)
        return len(dict(rows))

    def upload(self, path: Path, **options: Any) -> Any:
        given = {
            "file": str(path),
            "head": 1,
            "id_delimiter": ",",
            "partition": 4,
            **ADDRESS,
            **options,
        }
        return run("Upload", parties=[LOCAL], write_table=self.write, **given)[LOCAL]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("id,y,x0\n1,0,2.5\n2,1,-1\n", encoding="utf-8")
    return path


def test_an_upload_stores_the_rows_of_a_file(rows: Path) -> None:
    shelf = Shelf()

    result = shelf.upload(rows, destroy=True)

    table, records, destroy = shelf.stored["experiment", "breast"]
    assert records == [("1", "0,2.5"), ("2", "1,-1")]
    assert table.schema["header"] == "y,x0"
    assert table.partitions == 4
    assert destroy is True
    metric = result.metrics["upload"]["data_access"]
    assert metric.data == [["count", 2]]
    assert metric.meta["metric_type"] == "UPLOAD"
    assert [(namespace, name) for _, namespace, name in result.stored] == [("experiment", "breast")]


def test_an_upload_without_a_head_reads_every_line_as_a_row(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("1,0\n2,1\n", encoding="utf-8")
    shelf = Shelf()

    shelf.upload(path, head=0)

    assert shelf.stored["experiment", "breast"][1] == [("1", "0"), ("2", "1")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": 7}, "'head' in conf.json should be 0 or 1"),
        ({"partition": 0}, "Error number of partition, it should between 0 and 1024"),
        ({"partition": 1025}, "Error number of partition, it should between 0 and 1024"),
    ],
)
def test_an_upload_refuses_what_the_server_refuses(
    rows: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ComponentFailed) as failure:
        Shelf().upload(rows, **options)
    assert message in failure.value.message


@pytest.mark.parametrize(
    ("line", "called"), [("1.7", "sid"), ("1.8", "sid"), ("1.9", "extend_sid")]
)
def test_an_upload_gives_each_line_a_key_when_ids_may_occur_more_than_once(
    rows: Path, line: str, called: str
) -> None:
    shelf = Shelf()

    shelf.upload(rows, extend_sid=1, behaviour=behaviour_of(line_of(line)))

    table, records, _ = shelf.stored["experiment", "breast"]
    assert table.schema == {"header": "id,y,x0", "sid": called}
    assert [value for _, value in records] == ["1,0,2.5", "2,1,-1"]
    # 32 digits that are the same for all lines of an upload, and the number of the line.
    first, second = (key for key, _ in records)
    assert first[:32] == second[:32]
    assert int(first[:32], 16)
    assert (first[32:], second[32:]) == ("0", "1")


def test_keys_given_to_lines_may_be_their_numbers_alone(rows: Path) -> None:
    shelf = Shelf()

    shelf.upload(rows, extend_sid=1, auto_increasing_sid=1)

    assert shelf.stored["experiment", "breast"][1] == [("0", "1,0,2.5"), ("1", "2,1,-1")]


def test_two_uploads_give_different_keys(rows: Path) -> None:
    shelf = Shelf()

    shelf.upload(rows, extend_sid=1)
    shelf.upload(rows, extend_sid=1, name="other")

    keys = [rows[0][0] for _, rows, _ in shelf.stored.values()]
    assert len(set(keys)) == 2


def test_a_table_whose_lines_were_given_keys_says_that_it_has_match_ids(rows: Path) -> None:
    shelf = Shelf()

    shelf.upload(rows, extend_sid=1, with_meta=True, meta={"label_name": "y"})

    assert shelf.stored["experiment", "breast"][0].schema["meta"]["with_match_id"] is True


def test_an_upload_of_a_file_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(ComponentFailed, match=r"is not exist, please check the configure"):
        Shelf().upload(tmp_path / "none.csv")


def test_an_upload_of_an_empty_file_fails(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ComponentFailed, match="is an empty file"):
        Shelf().upload(path)


def test_a_download_writes_a_table_to_a_file() -> None:
    written: dict[str, list[str]] = {}
    table = text({"1": "0,2.5", "2": "1,-1"}, "y,x0")

    result = run(
        "Download",
        parties=[LOCAL],
        read_table=lambda namespace, name, party=None: table,
        write_file=lambda path, lines: written.update({path: list(lines)}),
        output_path="/data/rows.csv",
        **ADDRESS,
    )[LOCAL]

    assert written["/data/rows.csv"][-2:] == ["1,0,2.5\n", "2,1,-1\n"]
    assert result.metrics["download"]["data_access"].data == [["count", 2]]


@pytest.mark.parametrize("module", ["ModelStore", "ModelRestore"])
def test_models_are_put_away_and_brought_back_by_the_caller(module: str) -> None:
    asked: list[Any] = []
    address = {"store_address": {"storage": "redis"}, "model_id": "a#b"}
    job = run(
        module,
        parties=[LOCAL],
        store_model=asked.append,
        restore_model=asked.append,
        **address,
    )

    assert json.dumps(asked[0]["store_address"]) == '{"storage": "redis"}'
    assert job[LOCAL].tables == []
