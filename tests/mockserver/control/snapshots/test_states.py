"""What a server remembers, taken and restored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit import FlowClient, ManualClock
from flowkit.demo import steps, upload
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError

CONF, DSL = steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json"


def fill(flow: FlowClient) -> str:
    """Upload, train, tag and deploy; return the id of the training job."""
    for role in ("guest", "host"):
        upload(flow, role)
    job = flow.job.submit(CONF, DSL)
    flow.job.wait(job.job_id)
    flow.tag.create("gold")
    flow.model.tag_model(job.job_id, "gold")
    return job.job_id


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[MockServer, str]]:
    with MockServer(pace="manual", clock=ManualClock()) as mock, mock.client() as flow:
        yield mock, fill(flow)


def everything(mock: MockServer, job_id: str) -> list[Any]:
    """Return what clients see of a world."""
    with mock.client() as flow:
        found: list[Any] = [dict(flow.job.query(job_id)), dict(flow.task.query(job_id))]
        for role, party in (("guest", 9999), ("host", 10000)):
            found.append(dict(flow.component.metric_all(job_id, role, party, "evaluation_0")))
            found.append(dict(flow.component.output_model(job_id, role, party, "hetero_lr_0")))
        table = flow.component.output_data_table(job_id, "guest", 9999, "dataio_0").data[0]
        found.append(dict(flow.table.info(table["table_namespace"], table["table_name"])))
        return [*found, dict(flow.tag.list()), dict(flow.model.tag_list(job_id))]


def test_what_is_restored_answers_as_what_was_taken(
    filled: tuple[MockServer, str], tmp_path: Path
) -> None:
    mock, job_id = filled
    snapshot = mock.snapshot()
    snapshot.save(tmp_path / "state.json")

    with MockServer(pace="manual", clock=ManualClock(5e8)) as other:
        other.restore(tmp_path / "state.json")

        assert everything(other, job_id) == everything(mock, job_id)
        assert other.snapshot() == snapshot == mock.snapshot()
        assert other.status()["now"] == mock.status()["now"]
        with other.client() as flow:
            again = flow.job.submit(CONF, DSL)
            assert flow.job.wait(again.job_id).data["status"] == "success"


def test_equal_histories_give_equal_bytes() -> None:
    taken = []
    for _ in range(2):
        with MockServer(pace="manual", clock=ManualClock()) as mock, mock.client() as flow:
            fill(flow)
            taken.append(mock.snapshot().to_bytes())
    assert taken[0] == taken[1]


def test_there_are_no_paths_of_a_machine_in_it(filled: tuple[MockServer, str]) -> None:
    mock, _ = filled
    assert str(mock.state.store.home).encode() not in mock.snapshot().to_bytes()


def test_restoring_takes_the_place_of_what_was_there(filled: tuple[MockServer, str]) -> None:
    with MockServer(pace="manual") as mock, mock.client() as flow:
        empty = mock.snapshot()
        fill(flow)
        mock.refuse("job/*", times=None)
        mock.restore(empty)

        assert mock.snapshot() == empty
        assert mock.requests() == []
        assert flow.job.query() is not None


def test_a_data_directory_keeps_what_was_restored(
    filled: tuple[MockServer, str], tmp_path: Path
) -> None:
    mock, job_id = filled
    with MockServer(data=tmp_path) as kept, kept.client() as flow:
        flow.tag.create("old")
        kept.restore(mock.snapshot())
    with MockServer(data=tmp_path) as kept, kept.client() as flow:
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["gold"]
        assert flow.job.query(job_id).data[0]["f_status"] == "success"
        tables = [table for table in kept.state.tables if table.count]
        assert tables
        assert [len(list(table.records())) for table in tables] == [t.count for t in tables]


def test_an_upload_under_way_is_part_of_it(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,x\na,1\nb,2\n")
    with MockServer(pace="manual") as mock, mock.client() as flow:
        conf = {"namespace": "n", "table_name": "t", "head": 1, "partition": 1, "work_mode": 0}
        flow.data.upload({**conf, "file": str(table)})
        snapshot = Snapshot.from_bytes(mock.snapshot().to_bytes())

    with MockServer(pace="manual") as mock, mock.client() as flow:
        mock.restore(snapshot)
        assert len(mock.state.tables) == 0
        mock.advance(60)
        assert flow.table.info("n", "t").data["count"] == 2


def test_a_path_in_a_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    with MockServer(pace="manual") as mock, mock.client() as flow:
        fill(flow)
        content = json.loads(json.dumps(mock.snapshot().content))
    content["documents"]["jobs"][0][1] |= {"content": str(secret), "closed": False}

    with MockServer(pace="manual") as mock:
        before = mock.snapshot()
        with pytest.raises(SnapshotError, match="the snapshot is damaged: TypeError"):
            mock.restore(Snapshot(content))
        assert mock.snapshot() == before
    assert secret.read_text() == "s3cret"


@pytest.mark.parametrize(
    "path",
    [
        ("documents", "jobs", 0, 1, "parties"),
        ("documents", "plans", 0, 1),
        ("documents", "tables", 0, 1, "rows_id"),
        ("documents", "tables", 0, 1, "count"),
        ("rows", 0, 0),
        ("documents", "tags", 0, 1, "versions"),
    ],
)
def test_a_file_that_makes_no_state_changes_nothing(
    filled: tuple[MockServer, str], path: tuple[Any, ...]
) -> None:
    content = json.loads(json.dumps(filled[0].snapshot().content))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = 999

    with MockServer() as mock, mock.client() as flow:
        flow.tag.create("mine")
        before = mock.snapshot().content["documents"]
        with pytest.raises(SnapshotError, match="the snapshot is damaged"):
            mock.restore(Snapshot(content))
        assert mock.snapshot().content["documents"] == before


def test_a_server_of_another_line_refuses_it(filled: tuple[MockServer, str]) -> None:
    why = r"the snapshot is of FATE 1.6.1, and this server is 1.11"
    with MockServer(fate_version="1.11") as mock, pytest.raises(SnapshotError, match=why):
        mock.restore(filled[0].snapshot())


def test_a_fork_goes_its_own_way(filled: tuple[MockServer, str]) -> None:
    mock, _ = filled
    before = mock.snapshot()
    copy = mock.fork("copy")

    assert copy.snapshot() == before
    with copy.client() as flow:
        flow.tag.create("silver")
    copy.advance(60)
    assert mock.snapshot() == before
    with pytest.raises(ValueError, match="there is a namespace 'copy' already"):
        mock.fork("copy")
    mock.drop("copy")


@pytest.fixture
def http(filled: tuple[MockServer, str]) -> FlaskClient:
    return filled[0].app.test_client()


def test_over_http_a_snapshot_is_a_file(filled: tuple[MockServer, str], http: FlaskClient) -> None:
    data = http.get("/_flowkit/snapshot").get_data()
    assert data == filled[0].snapshot().to_bytes()

    with MockServer(pace="manual") as mock:
        other = mock.app.test_client()
        assert other.put("/_flowkit/snapshot", data=data).status_code == 200
        assert mock.snapshot().to_bytes() == data
        refused = other.put("/_flowkit/snapshot", data=data[:-9])
        assert refused.status_code == 400
        assert refused.json is not None
        assert refused.json["retmsg"].startswith("the body is no snapshot, or a damaged one")


def test_over_http_a_fork_is_made(filled: tuple[MockServer, str], http: FlaskClient) -> None:
    assert http.post("/_flowkit/fork", json={"name": "http"}).status_code == 200
    assert http.post("/_flowkit/fork", json={"name": "http"}).status_code == 400
    assert filled[0].drop("http")
