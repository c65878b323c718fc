"""One object holds a server's services, and makes them anew on reset."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver.app import create_app
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.store import NotStored, StateDamaged
from jobbing import START


def test_a_reset_makes_the_services_anew_and_keeps_clock_and_lock() -> None:
    state = ServerState()
    clock, lock, jobs = state.clock, state.lock, state.jobs
    state.tags.create("gold")

    state.reset()

    assert (state.clock, state.lock) == (clock, lock)
    assert state.jobs is not jobs
    assert state.tags.first(10) == []
    state.close()


def test_tags_look_at_the_rows_of_the_models_and_models_at_the_plans_of_jobs() -> None:
    state = ServerState()
    state.models.rows.add(
        {"role": "guest", "party_id": 1, "model_id": "m", "model_version": "1", "size": 3}
    )
    state.tags.attach("1", "gold")

    assert [model["model_id"] for model in state.tags.models("gold")] == ["m"]
    state.close()


def fill(state: ServerState) -> None:
    """Let the database have no more room than it has now."""
    pages = state.store._db.read("PRAGMA page_count")[0][0]
    state.store._db.read(f"PRAGMA max_page_count = {pages}")


def test_what_cannot_be_written_is_undone_in_memory_too(tmp_path: Path) -> None:
    state = ServerState(Settings(data=tmp_path))
    state.tags.create("kept")
    state.commit()
    fill(state)
    tags = state.store.collection("tags")
    for number in range(2, 200):
        tags[str(number)] = {"name": f"lost {number}", "description": "x" * 500, "versions": {}}

    with pytest.raises(NotStored, match="full"):
        state.commit()

    assert [tag["name"] for tag in state.tags.first(10)] == ["kept"]
    state.close()
    again = ServerState(Settings(data=tmp_path))
    assert [tag["name"] for tag in again.tags.first(10)] == ["kept"]
    again.close()


def test_a_request_that_cannot_be_kept_is_refused_and_its_file_removed(tmp_path: Path) -> None:
    state = ServerState(Settings(data=tmp_path))
    http = create_app(state).test_client()
    fill(state)
    rows = "".join(f"{number},{number}\n" for number in range(20_000)).encode()
    query = "namespace=n&table_name=t&head=0&partition=4&work_mode=0"

    answer = http.post(f"/v1/data/upload?{query}", data={"file": (io.BytesIO(rows), "a.csv")}).json

    assert answer is not None
    assert answer["retcode"] == 100
    assert len(state.tables) == len(state.jobs.store) == 0
    assert http.post("/v1/version/get", json={}).status_code == 200
    assert http.post("/_flowkit/reset", json={}).status_code == 200
    assert list(state.store.spool.iterdir()) == []
    state.close()


def test_an_uploaded_file_stays_until_its_table_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path, pace=0.0)
    state = ServerState(settings)
    http = create_app(state).test_client()
    query = "namespace=n&table_name=t&head=0&partition=4&work_mode=0"
    http.post(f"/v1/data/upload?{query}", data={"file": (io.BytesIO(b"1,a\n"), "a.csv")})
    (file,) = state.store.spool.iterdir()
    commit = state.store.commit
    seen = []

    def look_and_commit() -> None:
        seen.append((state.tables.get("n", "t") is not None, file.exists()))
        commit()

    monkeypatch.setattr(state.store, "commit", look_and_commit)
    state.settle()

    assert (True, True) in seen
    assert (True, False) not in seen
    assert not file.exists()
    state.close()


def test_a_document_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    state = ServerState(Settings(data=tmp_path))
    state.store.collection("outputs")["20210101/lr_0"] = {
        "guest/1": {"task_version": 0, "summary": object()}
    }

    with pytest.raises(NotStored, match="20210101/lr_0"):
        state.commit()

    assert list(state._unwritable) == ["20210101/lr_0/0"]
    state.close()


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("jobs", "{"),
        ("jobs", "[]"),
        ("jobs", "{}"),
        ("jobs", '{"text": 1}'),
        ("tables", '{"rows_id": []}'),
        ("tags", "\ufffd"),
    ],
)
def test_a_damaged_state_is_said_so_in_one_sentence(
    tmp_path: Path, collection: str, document: str
) -> None:
    ServerState(Settings(data=tmp_path)).close()
    database = sqlite3.connect(tmp_path / "flowkit-mock.sqlite3")
    database.execute(
        "INSERT INTO flowkit_documents (collection, key, document) VALUES (?, 'k', ?)",
        (collection, document),
    )
    database.commit()
    database.close()

    with pytest.raises(StateDamaged, match=r"is damaged: .*; move it away$"):
        ServerState(Settings(data=tmp_path))


def test_what_is_left_over_in_the_directory_does_no_harm(tmp_path: Path) -> None:
    ServerState(Settings(data=tmp_path)).close()
    for name in ("spool", "blobs"):
        (tmp_path / name / "folder").mkdir()
        (tmp_path / name / "folder" / "file").write_text("x")
    (tmp_path / "unknown").write_text("x")

    state = ServerState(Settings(data=tmp_path))

    assert list(state.store.spool.iterdir()) == []
    assert list(state.store.blobs) == []
    state.close()


def test_a_reset_replaces_a_database_that_cannot_be_emptied(
    tmp_path: Path,
) -> None:
    state = ServerState(Settings(data=tmp_path))
    state.tags.create("gold")
    state.commit()
    state.store._db.read(
        "CREATE TRIGGER stays BEFORE DELETE ON flowkit_documents BEGIN SELECT RAISE(FAIL, 'x'); END"
    )

    state.reset()
    state.tags.create("silver")
    state.commit()

    state.close()
    again = ServerState(Settings(data=tmp_path))
    assert [tag["name"] for tag in again.tags.first(10)] == ["silver"]
    again.close()


@pytest.mark.parametrize("moved", [False, True])
def test_an_upload_under_way_survives_a_restart_wherever_the_directory_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = ManualClock(START)
    state = ServerState(Settings(data=Path("state"), pace=10.0), clock=clock)
    http = create_app(state).test_client()
    query = "namespace=n&table_name=t&head=0&partition=4&work_mode=0"
    http.post(f"/v1/data/upload?{query}", data={"file": (io.BytesIO(b"1,a\n2,b\n"), "a.csv")})
    state.close()
    if moved:
        Path("state").rename("elsewhere")

    again = ServerState(
        Settings(data=Path("elsewhere" if moved else "state"), pace=10.0), clock=clock
    )
    clock.advance(100)
    again.settle()

    table = again.tables.get("n", "t")
    assert table is not None
    assert table.count == 2
    assert list(again.store.spool.iterdir()) == []
    again.close()
