"""Namespaces: worlds of their own on one server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from flowkit import FlowClient, ManualClock
from flowkit.demo import upload
from flowkit_mockserver import MockServer, Settings
from flowkit_mockserver.components.core.interface import TableData
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.control.worlds.namespaces import Namespaces
from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.settings import Demand
from flowkit_mockserver.state import ServerState

HEADER = "X-Flowkit-Namespace"


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(pace="manual", namespaces=3) as mock:
        yield mock


@pytest.fixture
def http(mock: MockServer) -> FlaskClient:
    return mock.app.test_client()


def put_table(state: ServerState) -> None:
    state.tables.put(TableData("text", {}, []), "n", "t")


def exists(http: FlaskClient, prefix: str = "", **headers: str) -> bool:
    body = {"namespace": "n", "table_name": "t"}
    answer = http.post(f"{prefix}/v1/table/table_info", json=body, headers=headers).json
    assert answer is not None
    return bool(answer["data"]["exist"])


def test_header_and_path_name_the_same_world(mock: MockServer, http: FlaskClient) -> None:
    put_table(mock.namespace("one").state)

    assert exists(http, **{HEADER: "one"})
    assert exists(http, "/_flowkit/namespaces/one")
    assert not exists(http)
    assert not exists(http, **{HEADER: "two"})
    assert mock.namespaces() == ["one", "two"]


def test_nothing_of_one_world_shows_in_another(mock: MockServer) -> None:
    one, two = mock.namespace("one"), mock.namespace("two")
    with one.client() as flow:
        upload(flow, "guest")
        one.advance(3600)
        flow.tag.create("gold")
    two.refuse("job/*", times=None)
    two.fail("hetero_lr_0", "no memory")

    for untouched in (mock, two):
        status = untouched.status()
        assert (status["jobs"], status["tables"]) == (0, 0)
        assert status["now"] < one.status()["now"] - 3000
        assert untouched.requests() == []
    assert one.status()["jobs"] == 1
    with one.client() as flow:
        assert flow.job.query().ok
    assert {entry.namespace for entry in one.requests()} == {"one"}

    one.reset()
    assert one.status()["jobs"] == 0
    assert len(two.state.faults) == 2


def test_to_move_somebody_elses_clock_moves_one_world_only() -> None:
    with MockServer(clock=ManualClock(1000.0)) as mock:
        mock.namespace("one").advance(10)

        assert mock.namespace("one").status()["now"] == 1010.0
        assert mock.namespace("two").status()["now"] == mock.status()["now"] == 1000.0


@pytest.mark.parametrize("port", [None, 0])
def test_a_namespace_has_clients(port: int | None) -> None:
    with MockServer(port=port) as mock:
        namespace = mock.namespace("one")
        with namespace.client() as flow:
            upload(flow, "guest")

        assert len(namespace.state.tables) == 1
        assert len(mock.state.tables) == 0
        assert namespace.url == f"{mock.url}/_flowkit/namespaces/one"


def test_a_signed_request_is_for_a_namespace_as_well() -> None:
    demand = Demand("hmac", "app", "s3cret")
    with MockServer(port=0, require_auth=demand) as mock:
        namespace = mock.namespace("one")
        with FlowClient(namespace.url, app_key="app", secret_key="s3cret", proxy="") as flow:
            assert flow.job.query().ok
        with namespace.client(app_key="app", secret_key="s3cret") as flow:
            assert flow.job.query().ok
        assert len(namespace.requests("job.query", refused=False)) == 2


def test_the_control_api_of_a_namespace_stands_below_its_path(
    mock: MockServer, http: FlaskClient
) -> None:
    http.post("/_flowkit/namespaces/one/_flowkit/advance", json={"seconds": 60})
    http.post("/_flowkit/advance", json={"seconds": 5}, headers={HEADER: "one"})

    assert mock.namespace("one").status()["now"] > mock.status()["now"] + 60


def test_a_namespace_is_dropped_on_request(mock: MockServer, http: FlaskClient) -> None:
    put_table(mock.namespace("one").state)
    home = mock.namespace("one").state.store.home

    assert http.get("/_flowkit/namespaces").json == {
        "data": ["one"],
        "retcode": 0,
        "retmsg": "success",
    }
    assert http.delete("/_flowkit/namespaces/one").json == {
        "data": True,
        "retcode": 0,
        "retmsg": "success",
    }
    assert http.delete("/_flowkit/namespaces/one").json == {
        "data": False,
        "retcode": 0,
        "retmsg": "success",
    }
    assert mock.namespaces() == []
    assert not home.exists()
    assert not exists(http, **{HEADER: "one"})


def test_a_namespace_lasts_as_long_as_its_block(mock: MockServer) -> None:
    with mock.namespace("one") as namespace:
        put_table(namespace.state)
        assert mock.namespaces() == ["one"]
    assert mock.namespaces() == []


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a b", "ä", "x" * 65, "-a", 7])
def test_a_name_is_simple(mock: MockServer, name: str) -> None:
    with pytest.raises(ValueError, match="the name of a namespace must be 1 to 64 letters"):
        mock.namespace(name)


@pytest.mark.parametrize("name", ["..", "a b", "%2e%2e", "x" * 65])
def test_a_request_for_another_name_is_refused(http: FlaskClient, name: str) -> None:
    answer = http.post(f"/_flowkit/namespaces/{name}/v1/job/query", json={})

    assert answer.status_code == 400
    assert answer.json is not None
    assert "the name of a namespace must be" in answer.json["retmsg"]


def test_there_can_be_so_many_only(mock: MockServer, http: FlaskClient) -> None:
    for name in ("one", "two", "three"):
        assert not exists(http, **{HEADER: name})

    answer = http.post("/v1/job/query", json={}, headers={HEADER: "four"})

    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["retmsg"].startswith("there are 3 namespaces, and there may be 3")
    (entry,) = mock.requests("job.query", refused=True)
    assert (entry.status, entry.retcode) == (429, 429)
    mock.drop("two")
    assert http.post("/v1/job/query", json={}, headers={HEADER: "four"}).status_code == 200


def test_what_no_namespace_could_be_made_for_is_in_the_journal_of_the_server(
    mock: MockServer, http: FlaskClient
) -> None:
    for name in ("one", "two", "three"):
        mock.namespace(name).reset()

    http.post("/v1/job/query", json={}, headers={HEADER: "four", "X-Flowkit-Test": "test_a"})
    http.post("/_flowkit/namespaces/four/v1/job/submit?a=1", json={})
    http.post("/_flowkit/namespaces/a b/v1/job/stop", json={})
    http.post("/_flowkit/namespaces/four/_flowkit/reset", json={})

    query, submit, stop = mock.requests(refused=True)
    assert (query.operation, query.status, query.test) == ("job.query", 429, "test_a")
    assert str(query.retmsg).startswith("there are 3 namespaces, and there may be 3")
    assert (submit.operation, submit.status, submit.arguments) == ("job.submit", 429, {"a": "1"})
    assert (stop.operation, stop.status) == ("job.stop", 400)


def test_the_pace_of_the_server_is_not_that_of_namespaces_made_later(mock: MockServer) -> None:
    earlier = mock.namespace("earlier").state
    mock.set_pace(5)
    later = mock.namespace("later").state

    assert earlier.settings.pace == later.settings.pace != 5
    assert mock.fork("copy").state.settings.pace == 5


def test_who_is_refused_makes_none(mock: MockServer, http: FlaskClient) -> None:
    rebound = {HEADER: "one", "Host": "evil.example"}

    assert http.post("/v1/job/query", json={}, headers=rebound).status_code == 403
    assert http.post("/_flowkit/reset", json={}, headers=rebound).status_code == 403
    assert mock.namespaces() == []


def test_what_nobody_asks_for_is_forgotten_after_a_while(tmp_path: Path) -> None:
    age = ManualClock(0)
    state = ServerState(Settings(namespace_idle=60))
    worlds = Namespaces(state, age.monotonic)
    first = worlds.state("one")
    worlds.state("two")

    age.advance(40)
    assert worlds.state("one") is first
    age.advance(40)
    assert worlds.names() == ["one"]
    age.advance(60)
    assert worlds.find("one") is None
    assert worlds.state("one") is not first

    worlds.close()
    state.close()


def test_with_a_data_directory_each_has_a_folder_that_outlives_the_server(tmp_path: Path) -> None:
    with MockServer(data=tmp_path) as mock, mock.namespace("one").client() as flow:
        flow.tag.create("gold")
    assert (tmp_path / "namespaces" / "one").is_dir()

    with MockServer(data=tmp_path) as mock:
        with mock.namespace("one").client() as flow:
            assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["gold"]
        assert mock.drop("one")
        assert not (tmp_path / "namespaces" / "one").exists()


def test_those_that_a_data_directory_keeps_are_listed_from_the_start(tmp_path: Path) -> None:
    with MockServer(data=tmp_path) as mock:
        for name in ("two", "one", "three"):
            assert mock.namespace(name).status()["jobs"] == 0
        assert mock.namespaces() == ["two", "one", "three"]
    (tmp_path / "namespaces" / "no name").mkdir()
    (tmp_path / "namespaces" / "a-file").touch()

    with MockServer(data=tmp_path) as mock:
        assert mock.namespaces() == ["one", "three", "two"]
        assert mock.namespace("three").status()["jobs"] == 0
        assert mock.namespaces() == ["three", "one", "two"]
        assert mock.drop("one")
        assert mock.namespaces() == ["three", "two"]


def test_one_that_is_idle_is_still_listed_where_a_data_directory_keeps_it(tmp_path: Path) -> None:
    age = ManualClock(0)
    state = ServerState(Settings(namespace_idle=60, data=tmp_path))
    worlds = Namespaces(state, age.monotonic)
    worlds.state("one")

    age.advance(90)

    assert worlds.find("one") is None
    assert worlds.names() == ["one"]
    worlds.close()
    state.close()


def test_one_whose_folder_is_damaged_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "namespaces" / "one").mkdir(parents=True)
    (tmp_path / "namespaces" / "one" / "flowkit-mock.sqlite3").write_bytes(b"x" * 5000)
    with MockServer(data=tmp_path) as mock:
        http = mock.app.test_client()
        answer = http.post("/v1/job/query", json={}, headers={HEADER: "one"})

        assert answer.status_code == 503
        assert answer.json is not None
        assert answer.json["retmsg"].startswith("the namespace 'one' cannot be opened: ")
        assert not exists(http, **{HEADER: "two"})


def test_all_compute_where_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[object] = []

    def close(engine: ThreadEngine) -> None:
        closed.append(engine)

    monkeypatch.setattr(ThreadEngine, "close", close)
    with MockServer() as mock:
        engine = mock.state.engine
        with mock.namespace("one") as one, one.client() as flow:
            upload(flow, "guest")
            assert one.status()["tables"] == 1
        assert closed == []
    assert closed == [engine]


def test_a_closed_server_makes_none() -> None:
    with MockServer() as mock:
        namespace = mock.namespace("one")
    with pytest.raises(HttpRefusal, match="the server is closed"):
        namespace.status()
