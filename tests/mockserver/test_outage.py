"""A database that goes away and comes back: a clear answer meanwhile, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from databases import PostgreSQL
from flowkit_mockserver import MockServer, StoreUnreachable
from flowkit_mockserver.components.core.interface import ComponentRun
from flowkit_mockserver.computing import engine
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from jobbing import Bench

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from shared_workers import count, status, upload

PATIENCE = 60.0


@pytest.fixture
def mock(postgresql_server: PostgreSQL) -> Iterator[Bench]:
    state = ServerState(Settings(database=postgresql_server.create()))
    yield Bench(state, None)  # type: ignore[arg-type]
    state.close()


def test_while_it_is_away_requests_are_told_so_and_later_answered(
    mock: Bench, postgresql_server: PostgreSQL
) -> None:
    upload(mock, "guest")
    upload(mock, "host")
    job_id = mock.submit()

    postgresql_server.stop("immediate")
    try:
        for path, body in (
            ("job/query", {"job_id": job_id}),
            ("model/tag/create", {"tag_name": "gold"}),
        ):
            answer = mock.http.post(f"/v1/{path}", json=body)
            assert answer.status_code == 503
            assert answer.json is not None
            assert answer.json["retcode"] == 503
            assert f"the database {mock.state.store.name} cannot be used" in answer.json["retmsg"]
            assert "pa55word" not in answer.text
        assert mock.http.get("/_flowkit").status_code == 503
    finally:
        postgresql_server.start()

    assert status(mock, job_id) == "success"
    assert mock.ask("model/tag/create", tag_name="gold")["retmsg"] == "success"
    assert count(mock, "guest") == 20


def test_a_job_that_computed_meanwhile_goes_on(
    mock: Bench, postgresql_server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(mock, "guest")
    upload(mock, "host")
    assert (count(mock, "guest"), count(mock, "host")) == (20, 20)
    entered, gate = threading.Event(), threading.Event()
    original = engine.run_component

    def run(found: ComponentRun) -> Any:
        entered.set()
        assert gate.wait(PATIENCE)
        return original(found)

    monkeypatch.setattr(engine, "run_component", run)
    job_id = mock.submit()
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(mock.http.post, "/v1/job/query", json={"job_id": job_id})
        assert entered.wait(PATIENCE)
        postgresql_server.stop("immediate")
        try:
            gate.set()
            assert asked.result(PATIENCE).status_code == 503
        finally:
            postgresql_server.start()

    assert status(mock, job_id) == "success"


def test_a_server_that_finds_none_says_so(postgresql_server: PostgreSQL) -> None:
    url = postgresql_server.create()
    postgresql_server.stop()
    try:
        with pytest.raises(StoreUnreachable, match=r"flowkit:\*\*\*@127.0.0.1.* cannot be used"):
            MockServer(database=url)
    finally:
        postgresql_server.start()
    with MockServer(database=url) as mock, mock.client() as flow:
        assert flow.tag.create("gold").retmsg == "success"
