"""Downloaded output data, as every line writes it, with the right columns."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest

from flowkit import ArgumentError, read_output, read_output_rows

HEADER = ["id", "label", "predict_result", "predict_score", "predict_detail", "type"]
UNQUOTED = """id,label,predict_result,predict_score,predict_detail,type
007,1,1,0.75,{'0': 0.25, '1': 0.75},train
8,0,1,0.5,{'0': 0.5, '1': 0.5},validate
"""
QUOTED = UNQUOTED.replace("{", '"{').replace("}", '}"')
ROWS = [
    {"id": "007", "label": 1, "predict_result": 1, "predict_score": 0.75,
     "predict_detail": {"0": 0.25, "1": 0.75}, "type": "train"},
    {"id": "8", "label": 0, "predict_result": 1, "predict_score": 0.5,
     "predict_detail": {"0": 0.5, "1": 0.5}, "type": "validate"},
]  # fmt: skip


def folder(path: Path, text: str, header: list[str] | None = None, name: str = "data") -> Path:
    path.mkdir(exist_ok=True)
    (path / f"{name}.csv").write_text(text, encoding="utf-8")
    (path / f"{name}.meta").write_text(json.dumps({"header": header or HEADER}))
    return path


def one_row(text: str, path: Path, header: list[str] | None = None) -> dict[str, Any]:
    (row,) = read_output_rows(
        folder(path, text, header or text.split("\n", maxsplit=1)[0].split(","))
    )
    return row


@pytest.mark.parametrize("text", [UNQUOTED, QUOTED], ids=["1.6", "1.11"])
def test_the_detail_of_a_prediction_is_one_column(text: str, tmp_path: Path) -> None:
    assert list(read_output_rows(folder(tmp_path, text))) == ROWS


@pytest.mark.parametrize("text", [UNQUOTED, QUOTED], ids=["1.6", "1.11"])
def test_a_frame_of_pandas(text: str, tmp_path: Path) -> None:
    frame = read_output(folder(tmp_path, text), library="pandas")
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == HEADER
    assert frame.to_dict("records") == ROWS
    assert (frame.label == frame.predict_result).mean() == 0.5


def test_a_frame_of_polars(tmp_path: Path) -> None:
    frame = read_output(folder(tmp_path, QUOTED), library="polars")
    assert isinstance(frame, polars.DataFrame)
    assert frame.to_dicts() == ROWS
    assert frame.schema["predict_detail"] == polars.Struct(
        {"0": polars.Float64, "1": polars.Float64}
    )


def test_the_archive_of_the_server_and_a_single_file_read_alike(tmp_path: Path) -> None:
    made = folder(tmp_path / "made", UNQUOTED)
    archive = tmp_path / "output.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for file in made.iterdir():
            tar.add(file, file.name)
    assert list(read_output_rows(archive)) == ROWS
    assert list(read_output_rows(made / "data.csv")) == ROWS
    (made / "data.meta").unlink()
    assert list(read_output_rows(made / "data.csv")) == ROWS


def test_a_table_without_its_line_of_names_takes_them_from_the_meta(tmp_path: Path) -> None:
    assert list(read_output_rows(folder(tmp_path, UNQUOTED.split("\n", 1)[1]))) == ROWS


def test_one_of_several_tables_is_named(tmp_path: Path) -> None:
    for name in ("train_data", "test_data"):
        folder(tmp_path, f"id,x\n{name},1\n", ["id", "x"], name)
    with pytest.raises(
        ArgumentError, match=r"name a table of .*; it has 'test_data', 'train_data'"
    ):
        read_output(tmp_path)
    assert list(read_output_rows(tmp_path, "test_data")) == [{"id": "test_data", "x": 1}]
    with pytest.raises(ArgumentError, match="table 'data' is not in"):
        list(read_output_rows(tmp_path, "data"))


def test_columns_are_of_one_type_and_rows_say_what_stands_there(tmp_path: Path) -> None:
    text = "id,count,share,word,code\n1,1,1,1,007\n2,2,0.5,a,1\n3,None,,b,2\n"
    made = folder(tmp_path, text, text.split("\n", maxsplit=1)[0].split(","))
    frame = read_output(made, library="polars")
    assert frame["id"].to_list() == ["1", "2", "3"]
    assert frame["count"].to_list() == [1, 2, None]
    assert frame["share"].to_list() == [1.0, 0.5, None]
    assert frame["word"].to_list() == ["1", "a", "b"]
    assert frame["code"].to_list() == ["007", "1", "2"]
    assert next(read_output_rows(made)) == {
        "id": "1",
        "count": 1,
        "share": 1,
        "word": 1,
        "code": "007",
    }


@pytest.mark.parametrize(
    ("detail", "value"),
    [
        ("{0: 0.25, 1: 0.75}", {"0": 0.25, "1": 0.75}),
        ("\"{'it''s': 1}\"", None),
        ('"{"it\'s, so": 0.5}"', {"it's, so": 0.5}),
        ("{'a}': 1e-05}", {"a}": 1e-05}),
        ("{'0': nan, '1': -inf}", {"0": pytest.approx(float("nan"), nan_ok=True), "1": -float("inf")}),
        ("{'label': 0.25}", {"label": 0.25}),
        ("None", None),
    ],
)  # fmt: skip
def test_details_of_all_kinds(detail: str, value: Any, tmp_path: Path) -> None:
    text = f"id,label,predict_result,predict_score,predict_detail,type\n1,a,b,0.5,{detail},train\n"
    row = one_row(text, tmp_path)
    assert row["type"] == "train"
    assert row["predict_detail"] == (value if value is not None else row["predict_detail"])


def test_clusters_have_the_columns_that_the_server_forgets_to_name(tmp_path: Path) -> None:
    header = ["cluster_index", "cluster_sample_count", "cluster_inner_dist", "inter_cluster_dist"]
    row = one_row(f"{','.join(header)}\n0,110,4.5,264.5,[32.0, 60.5],train\n", tmp_path)
    assert row == {
        "cluster_index": "0",
        "cluster_sample_count": 110,
        "cluster_inner_dist": 4.5,
        "cluster_radius": 264.5,
        "inter_cluster_dist": [32.0, 60.5],
        "type": "train",
    }


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    frame = read_output(folder(tmp_path, ",".join(HEADER) + "\n"), library="pandas")
    assert (list(frame.columns), len(frame)) == (HEADER, 0)


@pytest.mark.parametrize("line", ["1,2", "1,2,3,4,5", "1,2,3,4,5,6,7"])
def test_a_row_that_does_not_fit_is_refused(line: str, tmp_path: Path) -> None:
    made = folder(tmp_path, f"id,a,type\n{line}\n", ["id", "a", "type"])
    with pytest.raises(ArgumentError, match=r"row 1 of data has \d values for 3 columns"):
        read_output(made)


def test_what_is_no_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="does not exist"):
        read_output(tmp_path / "nowhere")
    with pytest.raises(ArgumentError, match="holds no output data"):
        read_output(tmp_path)
    (tmp_path / "data.csv").write_bytes(b"id,x\n1,\xff\n")
    with pytest.raises(ArgumentError, match="cannot be read: 'utf-8' codec"):
        read_output(tmp_path)
    (tmp_path / "data.meta").write_text("[]")
    with pytest.raises(ArgumentError, match=r"data\.meta names no columns"):
        read_output(tmp_path)


def test_rows_need_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    assert list(read_output_rows(folder(tmp_path, UNQUOTED))) == ROWS
