"""What is uploaded without being a file: a data frame, bytes, an open file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest

from flowkit import ArgumentError
from flowkit.demo.steps import DATA, NAMESPACE
from flowkit_mockserver import MockServer

CONF = {"partition": 1, "namespace": NAMESPACE, "table_name": "guest", "work_mode": 0}
TEXT = "id,y,x\na,1,0.5\nb,0,0.25\n"


def uploaded(file: Any, **conf: Any) -> dict[str, Any]:
    """Upload something and return what the server says of the table."""
    with MockServer() as server, server.client() as flow:
        flow.job.wait(flow.data.upload({**CONF, **conf}, file=file).job_id)
        found: dict[str, Any] = flow.table.info(NAMESPACE, "guest").data
    return found


@pytest.mark.parametrize(
    "frame",
    [
        pandas.DataFrame({"id": ["a", "b"], "y": [1, 0], "x": [0.5, 0.25]}),
        pandas.DataFrame({"y": [1, 0], "x": [0.5, 0.25]}, index=["a", "b"]).rename_axis("id"),
        polars.DataFrame({"id": ["a", "b"], "y": [1, 0], "x": [0.5, 0.25]}),
    ],
    ids=["pandas", "index", "polars"],
)
def test_a_data_frame(frame: Any) -> None:
    found = uploaded(frame)
    assert (found["count"], found["schema"]) == (2, {"header": "y,x", "sid": "id"})


@pytest.mark.parametrize(
    "content",
    [TEXT.encode(), io.BytesIO(TEXT.encode()), io.StringIO(TEXT)],
    ids=["bytes", "file", "text"],
)
def test_bytes_and_open_files(content: Any) -> None:
    found = uploaded(content, head=1)
    assert (found["count"], found["schema"]) == (2, {"header": "y,x", "sid": "id"})


def test_a_path_counts_in_place_of_the_configurations() -> None:
    with MockServer() as server, server.client() as flow:
        conf = {**CONF, "head": 1, "file": "nowhere.csv"}
        flow.job.wait(flow.data.upload(conf, file=DATA / "guest.csv").job_id)
        assert flow.table.info(NAMESPACE, "guest").data["count"] == 218


def test_an_open_file_is_sent_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a remark\n" + TEXT)
    with path.open("rb") as stream:
        stream.readline()
        assert uploaded(stream, head=1)["count"] == 2


@pytest.mark.parametrize(
    ("content", "conf", "message"),
    [
        (3, {}, "file must be a path, bytes, a file open for reading, or a data frame"),
        ("nowhere.csv", {}, "file must be the path of a file that exists: got 'nowhere.csv'"),
        (pandas.DataFrame({"id": [1]}), {"head": 0}, "head must be 1, or left out"),
    ],
)
def test_what_cannot_be_sent_is_refused(content: Any, conf: dict[str, Any], message: str) -> None:
    with (
        MockServer() as server,
        server.client() as flow,
        pytest.raises(ArgumentError, match=message),
    ):
        flow.data.upload({**CONF, **conf}, file=content)


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    uploaded(TEXT.encode(), head=1)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("flowkit-")]
