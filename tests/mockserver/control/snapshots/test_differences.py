"""What two snapshots differ in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit import FlowClient
from flowkit.demo import steps, upload
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(pace="manual") as mock:
        yield mock


@pytest.fixture
def flow(mock: MockServer) -> Iterator[FlowClient]:
    with mock.client() as flow:
        yield flow


def test_a_state_does_not_differ_from_itself(mock: MockServer, flow: FlowClient) -> None:
    upload(flow, "guest")

    found = mock.diff(mock.snapshot())

    assert not found
    assert str(found) == "no difference"


def test_what_a_job_adds_is_listed(mock: MockServer, flow: FlowClient) -> None:
    for role in ("guest", "host"):
        upload(flow, role)
    before = mock.snapshot()
    job = flow.job.submit(steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json")
    during = mock.snapshot()
    flow.job.wait(job.job_id)
    after = mock.snapshot()

    assert str(mock.diff(before, during)) == f"job {job.job_id} added: waiting"
    found = mock.diff(during, after)
    assert found.of("job") == [job.job_id]
    assert found.of("table", "removed") == []
    assert len(found.of("model", "added")) == 3
    lines = str(found).splitlines()
    assert lines[0].startswith(
        f"job {job.job_id} changed: status waiting -> success; outputs of reader_0 changed"
    )
    back = mock.diff(after, before)
    assert str(back).splitlines()[0] == f"job {job.job_id} removed"


def test_rows_and_fields_are_compared(mock: MockServer, flow: FlowClient, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"

    def put(text: str) -> None:
        table.write_text(text)
        conf = {"namespace": "n", "table_name": "t", "head": 1, "partition": 1, "work_mode": 0}
        flow.data.upload({**conf, "file": str(table)}, drop=1)
        mock.advance(60)

    put("id,x\na,1\nb,2\n")
    flow.tag.create("gold", "the best")
    before = mock.snapshot()
    put("id,z\na,1\nb,3\nc,4\n")
    flow.tag.update("gold", None, "all right")

    found = mock.diff(before)

    assert [str(item) for item in found.items if item.kind != "job"] == [
        "table n/t changed: rows: 1 added, 1 changed; schema.header 'x' -> 'z'",
        "tag gold changed: description 'the best' -> 'all right'",
    ]


def test_over_http_it_is_data_and_words(mock: MockServer, flow: FlowClient) -> None:
    http = mock.app.test_client()
    before = http.get("/_flowkit/snapshot").json
    flow.tag.create("gold")

    answer = http.post("/_flowkit/diff", json={"before": before}).json

    assert answer is not None
    assert answer["data"] == {
        "items": [{"kind": "tag", "name": "gold", "change": "added", "details": []}],
        "text": "tag gold added",
    }
    assert http.post("/_flowkit/diff", json={"before": {}}).status_code == 400


def test_a_file_that_holds_what_no_server_writes_is_called_damaged(mock: MockServer) -> None:
    document = json.loads(mock.snapshot().to_bytes())
    content = {part: document[part] for part in mock.snapshot().content}
    content["documents"] = {"jobs": [["1", {"notes": None}]]}
    forged = Snapshot.from_bytes(Snapshot(content).to_bytes())

    with pytest.raises(SnapshotError, match="a snapshot is damaged: "):
        mock.diff(mock.snapshot(), forged)
