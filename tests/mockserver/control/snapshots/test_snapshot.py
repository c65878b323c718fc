"""Snapshots as files: the same bytes for the same state, and nothing else is read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError

CONTENT: dict[str, Any] = {
    "fate_version": "1.6.1",
    "now": 1000.5,
    "documents": {"tags": [["1", {"name": "gold"}], ["2", {"name": "silver"}]]},
    "rows": [[{"text": [["a", "1,2"], ["b", "3,4"]]}, {"columns": "QQ=="}]],
    "files": {},
    "uploads": [],
}


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    snapshot = Snapshot(CONTENT)
    for name in ("a.json", "a.json.gz"):
        snapshot.save(tmp_path / name)
        assert Snapshot.load(tmp_path / name) == snapshot
    assert (tmp_path / "a.json").read_bytes() == snapshot.to_bytes()
    assert gzip.decompress((tmp_path / "a.json.gz").read_bytes()) == snapshot.to_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.json.gz"]


def test_each_document_and_row_has_a_line(tmp_path: Path) -> None:
    lines = Snapshot(CONTENT).to_bytes().decode().splitlines()

    assert lines[1] == '"format": "flowkit-mock-snapshot",'
    assert '["1",{"name":"gold"}],' in lines
    assert '["a","1,2"],' in lines
    assert json.loads("\n".join(lines))["rows"] == CONTENT["rows"]


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(Snapshot(CONTENT).to_bytes())
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "x.json is no snapshot, or a damaged one: Expecting value"),
        (b"[]", "x.json is no snapshot of a mock server"),
        (b'{"interactions": []}', "x.json is no snapshot of a mock server"),
        (b"\xff\xfe", "x.json is no snapshot, or a damaged one"),
        (Snapshot(CONTENT).to_bytes()[:-20], "x.json is no snapshot, or a damaged one"),
        (
            changed(lambda document: document.update(version=2)),
            "x.json is a snapshot of version 2, and this flowkit reads up to 1: update flowkit",
        ),
        (
            changed(lambda document: document["documents"]["tags"].pop()),
            "x.json is damaged: its checksum does not fit; take the snapshot again",
        ),
        (changed(lambda document: document.pop("rows")), "x.json is damaged: rows is missing"),
        (
            changed(lambda document: document.update(version="9" * 5000)),
            "x.json is a snapshot of version 99999999999999999999, and this flowkit reads",
        ),
        (
            changed(lambda document: document.update(now=1e308)),
            "x.json is damaged: now is no moment",
        ),
        (changed(lambda document: document.update(now=-1)), "x.json is damaged: now is no moment"),
        (
            changed(lambda document: document["documents"].update(tags={"1": {}})),
            "x.json is damaged: documents has another form",
        ),
        (
            changed(lambda document: document["documents"]["tags"].append(["3", None])),
            "x.json is damaged: documents has another form",
        ),
        (
            changed(lambda document: document["rows"][0].append({})),
            "x.json is damaged: rows has another form",
        ),
        (
            changed(lambda document: document["files"].update(a=1)),
            "x.json is damaged: files has another form",
        ),
        (
            changed(lambda document: document["uploads"].append(None)),
            "x.json is damaged: uploads has another form",
        ),
        (gzip.compress(Snapshot(CONTENT).to_bytes())[:-30], "x.json is cut off"),
        (b"\x1f\x8bxxxxxxxxxxxx", "x.json is damaged: Error"),
        (b"[" * 100_000, "x.json is no snapshot, or a damaged one"),
    ],
)
def test_what_is_no_snapshot_is_refused_in_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(SnapshotError) as raised:
        Snapshot.from_bytes(data, "x.json")
    assert str(raised.value).startswith(why)
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.mkdir()
    with pytest.raises(OSError, match=r"a\.json"):
        Snapshot(CONTENT).save(target)
    assert list(tmp_path.iterdir()) == [target]


def test_it_says_how_much_there_is() -> None:
    assert repr(Snapshot(CONTENT)) == "<Snapshot of 0 jobs, 0 tables, 0 models>"
    assert Snapshot(CONTENT).now == 1000.5
