"""The control API of workers on one database: what it does, it does for all of them, or it says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowkit.clock import ManualClock
from flowkit_mockserver import MockServer
from flowkit_mockserver.control.snapshots.states import take_snapshot
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from gates import PATIENCE, Gate
from jobbing import START, Bench

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from shared_workers import count, status, upload, worker


@pytest.fixture
def workers(database: str) -> Iterator[tuple[Bench, Bench]]:
    one, other = worker(database), worker(database)
    yield one, other
    other.state.close()
    one.state.close()


def take(mock: Bench) -> bytes:
    answer = mock.http.get("/_flowkit/snapshot")
    assert answer.status_code == 200, answer.text
    return answer.data


def test_a_snapshot_holds_what_all_have_done_and_is_restored_for_all(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    upload(one, "guest")
    upload(other, "host")
    job_id = one.submit()
    assert status(other, job_id) == "success"
    kept = take(one)

    other.ask("model/tag/create", tag_name="later")
    other.http.post("/_flowkit/refuse", json={"path": "tag/*", "times": None})
    upload(other, "guest", rows=5)
    assert count(one, "guest") == 5

    answer = other.http.put("/_flowkit/snapshot", data=kept)
    assert answer.status_code == 200, answer.text

    assert count(one, "guest") == 20
    assert status(one, job_id) == "success"
    assert one.ask("model/tag/list", limit=10)["data"]["tags"] == []
    again = one.submit()
    assert (status(other, again), status(one, again)) == ("success", "success")


def test_a_snapshot_of_an_upload_under_way_goes_on_at_another_server(database: str) -> None:
    clock = ManualClock(START)
    one, other = worker(database, clock, pace=10.0), worker(database, clock, pace=10.0)
    upload(one, "late", rows=30)
    with other.state.lock:
        found = take_snapshot(other.state)
    with MockServer(clock=ManualClock(START), pace=10.0) as alone, alone.client() as flow:
        alone.restore(found)
        alone.advance(100)
        assert flow.table.info("shop", "late").data["count"] == 30

    assert one.http.post("/_flowkit/reset", json={}).status_code == 200
    assert other.http.put("/_flowkit/snapshot", data=found.to_bytes()).status_code == 200
    clock.advance(100)
    assert count(one, "late") == 30
    one.state.close()
    other.state.close()


def test_how_time_passes_is_said_to_all(database: str) -> None:
    one, other = worker(database, pace="manual"), worker(database, pace="manual")
    kept = take(one)
    one.http.post("/_flowkit/advance", json={"seconds": 1000})
    other.http.post("/_flowkit/time", json={"mode": "scaled", "factor": 60})
    assert one.http.get("/_flowkit").json["data"]["factor"] == 60

    one.http.post("/_flowkit/time", json={"mode": "manual"})
    moved = other.http.get("/_flowkit").json["data"]["now"]
    other.http.put("/_flowkit/snapshot", data=kept)

    assert one.http.get("/_flowkit").json["data"]["now"] <= moved - 1000
    one.state.close()
    other.state.close()


def test_the_pace_is_that_of_all(workers: tuple[Bench, Bench]) -> None:
    one, other = workers

    one.http.post("/_flowkit/pace", json={"pace": 3})
    assert other.http.get("/_flowkit").json["data"]["pace"] == 3

    one.http.post("/_flowkit/pace", json={"pace": "manual"})
    found = [mock.http.get("/_flowkit").json["data"] for mock in (other, one, other)]
    assert [(status["pace"], status["factor"]) for status in found] == [("manual", 0)] * 3
    assert len({status["now"] for status in found}) == 1


def order(mock: Bench, **rules: list[dict[str, object]]) -> None:
    answer = mock.http.post("/_flowkit/rules", json={"rules": rules})
    assert answer.status_code == 200, answer.text


def unmatched(mock: Bench) -> list[str]:
    found: list[str] = mock.http.get("/_flowkit").json["data"]["unmatched"]
    return found


def test_rules_hit_the_requests_of_all_and_count_together(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    order(one, rules=[{"fault": "answer", "status": 429, "path": "tag/*", "nth": [2, 4]}])
    assert unmatched(other) == ["rule 1 of the rules: answer at tag/*"]

    asked = [mock.http.post("/v1/model/tag/list", json={}).status_code for mock in (one, other)] + [
        mock.http.post("/v1/tag/none", json={}).status_code for mock in (other, one) * 3
    ]

    assert asked == [200, 200, 404, 429, 404, 429, 404, 404]
    assert (unmatched(one), unmatched(other)) == ([], [])


def test_a_rule_that_hits_a_number_of_times_hits_that_often_in_all(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    order(other, rules=[{"fault": "refuse", "operation": "job.query", "times": 3}])

    def asked(mock: Bench) -> int:
        return mock.http.post("/v1/job/query", json={"job_id": "none"}).status_code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(asked, [one, other] * 6))

    assert sorted(found) == [200] * 9 + [503] * 3


def test_stages_are_those_of_all_and_a_reset_ends_them(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    upload(one, "guest")
    upload(one, "host")
    order(one, stages=[{"component": "reader_0", "fail": "no disk", "times": 1}])

    assert status(one, other.submit()) == "failed"
    assert status(other, one.submit()) == "success"

    order(one, rules=[{"fault": "refuse"}])
    answer = other.http.post("/_flowkit/reset", json={})
    assert answer.json["data"] == ["rule 1 of the rules: refuse"]
    assert one.http.post("/v1/version/get", json={}).status_code == 200


def test_a_worker_that_starts_later_knows_the_rules_and_keeps_those_of_its_file(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[rules]]\nfault = "answer"\nstatus = 418\npath = "tag/*"\n')
    one = worker(database)
    order(one, rules=[{"fault": "answer", "status": 429, "path": "version/*", "times": 1}])
    other = worker(database, fault_rules=file)

    asked = [
        (mock.http.post(f"/v1/{path}", json={}).status_code)
        for mock, path in ((other, "tag/x"), (other, "version/get"), (one, "version/get"))
    ]

    assert asked == [418, 429, 200]
    one.http.post("/_flowkit/reset", json={})
    assert other.http.post("/v1/tag/x", json={}).status_code == 418
    other.state.close()
    one.state.close()


RULES = """
seed = 7

[[rules]]
fault = "answer"
status = 418
path = "tag/*"
nth = [2, 4]

[[rules]]
fault = "answer"
status = 429
path = "version/*"
times = 3

[[rules]]
fault = "answer"
status = 500
path = "chance/*"
probability = 0.5

[[stages]]
component = "reader_0"
fail = "no disk"
times = 1
"""


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    file = tmp_path / "faults.toml"
    file.write_text(RULES)
    return file


def ask(mock: Bench, path: str) -> int:
    return mock.http.post(f"/v1/{path}", json={}).status_code


def test_rules_of_a_file_count_once_for_all_workers_that_have_it(
    database: str, rule_file: Path
) -> None:
    one, other = (worker(database, fault_rules=rule_file) for _ in range(2))

    assert [ask(mock, "tag/x") for mock in (one, other) * 3] == [404, 418, 404, 418, 404, 404]
    assert sorted(ask(mock, "version/get") for mock in (other, one) * 3) == [200] * 3 + [429] * 3
    alone = Bench(ServerState(Settings(fault_rules=rule_file)), ManualClock(START))
    expected = [ask(alone, "chance/x") for _ in range(20)]
    alone.state.close()
    assert [ask(mock, "chance/x") for mock in (one, other) * 10] == expected
    assert 500 in expected
    assert 404 in expected
    upload(one, "guest")
    upload(one, "host")
    assert status(one, other.submit()) == "failed"
    assert status(other, one.submit()) == "success"
    assert unmatched(one) == unmatched(other) == []
    other.state.close()
    one.state.close()


def test_rules_of_a_file_go_on_with_a_worker_that_starts_later_and_begin_with_the_first(
    database: str, rule_file: Path
) -> None:
    one = worker(database, fault_rules=rule_file)
    assert ask(one, "tag/x") == 404
    other = worker(database, fault_rules=rule_file)
    assert ask(other, "tag/x") == 418
    one.state.close()
    again = worker(database, fault_rules=rule_file)
    assert [ask(again, "tag/x"), ask(other, "tag/x")] == [404, 418]
    again.state.close()
    other.state.close()

    first = worker(database, fault_rules=rule_file)
    assert [ask(first, "tag/x") for _ in range(2)] == [404, 418]
    first.state.close()


def test_a_reset_lets_the_rules_of_a_file_begin_anew_in_all(database: str, rule_file: Path) -> None:
    one, other = worker(database, fault_rules=rule_file), worker(database, fault_rules=rule_file)
    without = worker(database)
    assert [ask(one, "version/get") for _ in range(4)] == [429] * 3 + [200]
    assert ask(without, "version/get") == 200

    assert without.http.post("/_flowkit/reset", json={}).status_code == 200

    assert sorted(ask(mock, "version/get") for mock in (one, other) * 2) == [200] + [429] * 3
    for mock in (one, other, without):
        mock.state.close()


def test_who_closes_knows_what_others_have_met_and_leaves_them_the_rules(
    database: str, recwarn: pytest.WarningsRecorder
) -> None:
    def end_early(one: MockServer) -> None:
        with one:
            one.refuse("job/*")
            raise ZeroDivisionError

    with MockServer(database=database) as other:
        http = other.app.test_client()
        with MockServer(database=database) as one:
            one.add_rules({"rules": [{"fault": "answer", "status": 429, "path": "version/*"}]})
            one.refuse("model/tag/*", times=None)
            for path in ("version/get", "model/tag/list"):
                http.post(f"/v1/{path}", json={})
        with pytest.raises(ZeroDivisionError):
            end_early(MockServer(database=database))

        asked = [
            http.post(f"/v1/{path}", json={}).status_code
            for path in ("version/get", "model/tag/list", "job/query", "job/query")
        ]
    assert asked == [429, 503, 503, 200]
    assert [str(one.message) for one in recwarn] == []


def test_workers_start_with_the_same_seed_data_once(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "buyers.csv").write_text("id,y\n1,0\n2,1\n")
    url = f"sqlite:///{tmp_path}/shared.sqlite3"
    data = tmp_path / "shop" / "buyers.csv"

    with MockServer(database=url, seed_data=data) as one, one.client() as flow:
        flow.tag.create("gold")
        with MockServer(database=url, seed_data=data) as other, other.client() as flows:
            assert flows.tag.query("gold").data["tags"][0]["name"] == "gold"
            assert flows.table.info("shop", "buyers").data["count"] == 2


@pytest.mark.parametrize("before", [True, False], ids=["before it reads", "before it stores"])
@pytest.mark.parametrize("itself", [True, False], ids=["by itself", "by another"])
def test_what_is_computed_for_a_world_that_was_replaced_is_dropped(
    workers: tuple[Bench, Bench], monkeypatch: pytest.MonkeyPatch, before: bool, itself: bool
) -> None:
    one, other = workers
    upload(one, "guest")
    upload(one, "host")
    assert count(one, "guest") == count(one, "host") == 20
    gate = Gate(monkeypatch, "DataIO", before=before)
    with ThreadPoolExecutor() as threads:
        job_id = one.submit()
        asked = threads.submit(one.ask, "job/query", job_id=job_id)
        gate.await_arrival()
        kept = take(other)  # the job is under way in it

        answer = (one if itself else other).http.put("/_flowkit/snapshot", data=kept)
        assert answer.status_code == 200, answer.text
        again = threads.submit(status, other, job_id)
        gate.await_arrival()  # the other takes the task up, whatever the first is still at
        gate.open()

        for answered in (asked, again):
            answered.result(PATIENCE)
    assert status(one, job_id) == status(other, job_id) == "success"
    assert gate.runs.count((job_id, "dataio_0")) == 2
    assert gate.runs.count((job_id, "intersection_0")) == 1
    database = other.state.store._db
    assert database.read("SELECT * FROM flowkit_claims") == []
    assert database.read("SELECT * FROM flowkit_pins") == []
    # What was stored for the first time is nobody's.
    unowned = "SELECT count(*) FROM flowkit_rowsets WHERE owner <> ''"
    assert database.read(unowned) == [(0,)]


def test_what_was_restored_outlives_the_worker_that_restored_it(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    upload(one, "guest")
    assert count(one, "guest") == 20
    assert other.http.put("/_flowkit/snapshot", data=take(one)).status_code == 200

    other.state.close()
    assert one.state.sharing is not None
    one.state.sharing._presence.beat()

    assert count(one, "guest") == 20
    table = one.state.tables.get("shop", "guest")
    assert table is not None
    assert len(list(table.records())) == 20
