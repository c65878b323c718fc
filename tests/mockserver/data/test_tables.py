"""Tables: put, uploaded, shared, deleted, described."""

from __future__ import annotations

from pathlib import Path

from flowkit_mockserver.columns.lines import UploadLines
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.data.stored import StoredRecords
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.store import Store

HEADER = {"header": "y,x0", "sid": "id"}


def text_table(*rows: tuple[str, str]) -> TableData:
    return TableData("text", HEADER, list(rows))


def test_a_table_that_was_put_is_found(tables: Tables) -> None:
    tables.put(text_table(("1", "0,0.5"), ("2", "1,0.7")), "shop", "train", 8)

    table = tables.get("shop", "train")
    assert table is not None
    assert (table.kind, table.count, table.partitions) == ("text", 2, 8)
    assert list(table.records()) == [("1", "0,0.5"), ("2", "1,0.7")]
    assert list(table.records(1)) == [("1", "0,0.5")]
    assert table.header() == ["sid", "y", "x0"]
    assert list(table.cells()) == [["1", "0", "0.5"], ["2", "1", "0.7"]]


def test_names_and_namespaces_do_not_run_into_each_other(tables: Tables) -> None:
    tables.put(text_table(), "a/b", "c")

    assert ("a/b", "c") in tables
    assert ("a", "b/c") not in tables


def test_a_table_passed_on_shares_its_rows(tables: Tables, store: Store) -> None:
    first = tables.put(text_table(("1", "a")), "n", "first")
    passed_on = tables.read("n", "first")
    assert passed_on is not None
    second = tables.put(passed_on, "n", "second")

    assert second.rows_id == first.rows_id
    tables.delete("n", "first")
    assert list(second.records()) == [("1", "a")]
    tables.delete("n", "second")
    assert store.rows.count(second.rows_id or 0) == 0


def test_records_are_lazy_sized_and_can_be_gone_through_again(tables: Tables) -> None:
    data = tables.as_data(tables.put(text_table(("1", "a"), ("2", "b")), "n", "t"))

    assert isinstance(data.records, StoredRecords)
    assert len(data.records) == 2
    assert list(data.records) == list(data.records)


def test_putting_a_table_again_replaces_it(tables: Tables) -> None:
    tables.put(text_table(("1", "a")), "n", "t")
    tables.put(text_table(("2", "b")), "n", "t")

    table = tables.get("n", "t")
    assert table is not None
    assert list(table.records()) == [("2", "b")]


def test_an_upload_adds_to_a_table_unless_told_to_destroy_it(tables: Tables) -> None:
    tables.upload("n", "t", text_table(("1", "a"), ("2", "b")), destroy=False)

    assert tables.upload("n", "t", text_table(("2", "new"), ("3", "c")), destroy=False) == 3
    table = tables.get("n", "t")
    assert table is not None
    assert list(table.records()) == [("1", "a"), ("2", "new"), ("3", "c")]
    assert tables.upload("n", "t", text_table(("9", "z")), destroy=True) == 1


def test_rows_prepared_from_a_file_are_not_read_again(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_text("1,a\n2,b\n")
    lines = UploadLines(path, head=False)
    tables.prepare(lines)
    path.write_text("")

    assert tables.upload("n", "t", TableData("text", {}, lines), destroy=False) == 2  # type: ignore[arg-type]


def test_a_forgotten_file_takes_its_prepared_rows_along(
    tables: Tables, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "upload.csv"
    path.write_text("1,a\n")
    tables.prepare(UploadLines(path, head=False))

    tables.forget(path)

    assert path.exists(), "it stays until what takes its place is written down"
    store.commit()
    assert not path.exists()
    assert store.rows.count(1) == 0


def test_deleting_says_whether_there_was_anything(tables: Tables) -> None:
    tables.put(text_table(), "n", "t")

    assert tables.delete("n", "t") is True
    assert tables.delete("n", "t") is False


def test_a_table_is_described_whether_it_exists_or_not(tables: Tables) -> None:
    tables.put(text_table(("1", "0,0.5")), "n", "t", 4)

    assert tables.info("n", "t") == {
        "table_name": "t",
        "namespace": "n",
        "exist": 1,
        "count": 1,
        "partition": 4,
        "schema": HEADER,
    }
    assert tables.info("n", None) == {
        "table_name": None,
        "namespace": "n",
        "exist": 0,
        "count": 0,
        "partition": None,
        "schema": None,
    }


def test_a_bound_table_exists_and_has_no_rows_here(tables: Tables) -> None:
    table = tables.bind("n", "t", {}, None)

    assert tables.info("n", "t")["count"] is None
    assert list(table.records()) == []
    assert len(tables.as_data(table).records) == 0


def uploaded(tables: Tables, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    tables.upload("n", "t", TableData("text", HEADER, UploadLines(path, True)), destroy=True)


def test_the_first_rows_of_an_upload_are_those_of_its_file(tables: Tables, tmp_path: Path) -> None:
    uploaded(tables, tmp_path / "t.csv", "id,y,x0\n9,1,a\n10,0,b\n1,1,c\n")
    table, read = tables.get("n", "t"), tables.read("n", "t")
    assert table is not None
    assert read is not None
    copy = tables.put(read, "job", "reader")

    keys = [row[0] for row in tables.first_rows(table, 2)]
    assert keys == ["9", "10"]
    assert [row[0] for row in table.cells()] == ["1", "9", "10"]
    # A copy shows them as the table that it was read from, as long as that is there.
    assert [row[0] for row in tables.first_rows(copy, source=("n", "t"))] == ["9", "10", "1"]
    uploaded(tables, tmp_path / "other.csv", "id,y,x0\n7,1,a\n")
    assert [row[0] for row in tables.first_rows(copy, source=("n", "t"))] == ["1", "9", "10"]
    assert [row[0] for row in tables.first_rows(copy)] == ["1", "9", "10"]
