"""The journal of workers on one database: whoever is asked knows what any of them answered."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.control.journal import shared
from flowkit_mockserver.control.journal.entries import Exchange
from flowkit_mockserver.control.journal.shared import SharedJournal
from flowkit_mockserver.store import StoreUnreachable
from flowkit_mockserver.store.shared.batches import Batches
from jobbing import Bench
from shared_workers import worker


@pytest.fixture
def workers(database: str) -> Iterator[tuple[Bench, Bench]]:
    one, other = worker(database), worker(database)
    yield one, other
    other.state.close()
    one.state.close()


@pytest.fixture
def batches(database: str) -> Iterator[Batches]:
    found = Batches(database, lambda: "one", set, fresh=False)
    yield found
    found.close()


def exchange(path: str, body: bytes | None = b"{}", answer: bytes | None = b"{}") -> Exchange:
    return Exchange(1000.0, 0.25, "POST", path, "", body, None, None, 200, answer, None)


def journal_of(mock: Bench, **query: Any) -> list[dict[str, Any]]:
    answer = mock.http.get("/_flowkit/journal", query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def tag(mock: Bench, name: str) -> None:
    mock.http.post(
        "/v1/model/tag/create", json={"tag_name": name}, headers={"X-Flowkit-Test": f"test_{name}"}
    )


def names(entries: list[dict[str, Any]]) -> list[Any]:
    return [entry["arguments"]["tag_name"] for entry in entries]


def test_whoever_is_asked_knows_each_request_once_it_is_answered(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    for number in range(30):
        tag(workers[number % 2], f"t{number}")
        assert names(journal_of(workers[number // 2 % 2], last=1)) == [f"t{number}"]

    found = journal_of(one)
    assert names(found) == [f"t{number}" for number in range(30)]
    assert [entry["number"] for entry in found] == list(range(1, 31))
    assert journal_of(other) == found
    assert names(journal_of(other, test="test_t7", operation="tag.*")) == ["t7"]
    assert other.http.get("/_flowkit").json["data"]["requests"] == 30


def test_no_request_is_missing_while_many_are_answered(workers: tuple[Bench, Bench]) -> None:
    def ask(number: int) -> bool:
        tag(workers[number % 2], f"t{number}")
        return f"t{number}" in names(journal_of(workers[1 - number % 2]))

    with ThreadPoolExecutor(4) as clients:
        assert all(clients.map(ask, range(40)))
    assert sorted(names(journal_of(workers[0]))) == sorted(f"t{number}" for number in range(40))


def test_an_assertion_counts_the_requests_of_all(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    tag(one, "a")
    tag(other, "b")

    def check(mock: Bench, **expected: Any) -> tuple[int, str]:
        answer = mock.http.post(
            "/_flowkit/journal/assert", json={"operation": "tag.create", **expected}
        )
        return answer.status_code, answer.json["retmsg"]

    assert check(one, times=2)[0] == check(other, arguments={"tag_name": "a"})[0] == 200
    status, text = check(other, times=1)
    assert status == 409
    assert "expected exactly 1, got 2" in text
    assert "#1 tag.create" in text
    assert "#2 tag.create" in text


def test_the_board_shows_the_requests_of_all(database: str) -> None:
    one, other = worker(database, board_url=True), worker(database, board_url=True)
    tag(one, "gold")
    tag(other, "silver")

    shown = one.http.get("/board/journal").text

    other.state.close()
    one.state.close()
    assert "gold" in shown
    assert "silver" in shown


def test_a_reset_empties_the_journal_of_all(workers: tuple[Bench, Bench]) -> None:
    one, other = workers
    tag(one, "a")
    tag(other, "b")

    assert one.http.post("/_flowkit/reset", json={}).status_code == 200
    tag(other, "c")

    assert [(entry["number"], *names([entry])) for entry in journal_of(one)] == [(1, "c")]


def test_what_a_worker_noted_outlives_it(database: str) -> None:
    one, other = worker(database), worker(database)
    for number in range(5):
        tag(other, f"t{number}")
    other.state.close()

    assert names(journal_of(one)) == [f"t{number}" for number in range(5)]
    one.state.close()
    again = worker(database)
    assert len(journal_of(again)) == 5
    again.state.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_child_that_came_out_of_a_fork_writes_its_own_requests_and_no_others(
    workers: tuple[Bench, Bench],
) -> None:
    one, other = workers
    for name in ("a", "b", "c"):  # some of them are not written when the child begins
        tag(one, name)
    child = os.fork()
    if child == 0:
        tag(one, "by the child")
        found = names(journal_of(one))
        os._exit(0 if found == ["a", "b", "c", "by the child"] else 1)
    _, code = os.waitpid(child, 0)

    assert code == 0
    tag(one, "d")
    assert names(journal_of(other)) == ["a", "b", "c", "by the child", "d"]


def test_an_exchange_is_read_as_it_was_noted(batches: Batches) -> None:
    journal = SharedJournal(batches, "ci")
    noted = Exchange(
        1000.5, 0.25, "POST", "/v1/data/upload", "a=%C3%A9\x00\ud800", b"\x00\xff{", {"file": "é"},
        "test_a", 503, None, "a hint",
    )  # fmt: skip
    journal.note(noted)
    journal.note(exchange("/v1/job/query", answer=b"x" * 100_000))

    (first, second) = [found for _, found in journal.numbered()]

    assert first == noted
    assert second.answer == b"x" * 65_536
    journal.close()


def test_each_namespace_has_a_journal_of_its_own(workers: tuple[Bench, Bench]) -> None:
    mine, theirs = (
        SharedJournal(mock.state.sharing._batches, "ci") for mock in workers if mock.state.sharing
    )
    mine.note(exchange("/v1/job/query"))
    theirs.note(exchange("/v1/job/stop"))
    tag(workers[0], "a")

    assert [entry.operation for entry in mine.find()] == ["job.query", "job.stop"]
    assert {entry.namespace for entry in theirs.find()} == {"ci"}
    assert names(journal_of(workers[1])) == ["a"]

    mine.clear()
    assert theirs.find() == []
    assert len(journal_of(workers[1])) == 1


def test_no_more_is_kept_than_in_one_process(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "INTERVAL", 0.0)  # each a batch
    journal = SharedJournal(batches, "ci", most=20)
    for number in range(50):
        journal.note(exchange(f"/v1/a/{number}"))

    kept = journal.numbered()

    assert [number for number, _ in kept] == list(range(31, 51))
    assert [one.path for _, one in kept] == [f"/v1/a/{number}" for number in range(30, 50)]
    assert (len(journal), journal.forgotten) == (20, 30)
    _, numbers, _ = batches.read("ci", ())
    assert len(numbers) <= 22
    SharedJournal(batches, "ci", most=5)  # a worker that starts does away with what others left
    assert len(batches.read("ci", ())[1]) == 5
    journal.close()


class Broken:
    """A database that is away until it is said to be back."""

    def __init__(self, batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = True
        self._write = batches._write
        monkeypatch.setattr(batches, "_write", self.write)

    def write(self, sql: str, **parameters: Any) -> Any:
        if self.away:
            raise StoreUnreachable("away")
        return self._write(sql, **parameters)


def test_what_cannot_be_written_is_kept_within_limits_and_written_later(
    batches: Batches, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = SharedJournal(batches, most=5)
    journal.note(exchange("/v1/before"))
    database = Broken(batches, monkeypatch)
    for number in range(8):
        journal.note(exchange(f"/v1/a/{number}"))
    with pytest.raises(StoreUnreachable):
        journal.numbered()

    database.away = False

    kept = journal.numbered()
    assert [(number, one.path) for number, one in kept] == [
        (number + 2, f"/v1/a/{number}") for number in range(3, 8)
    ]
    assert "requests are written into the journal later: away" in caplog.text
    journal.close()


@pytest.fixture
def busy(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedJournal]:
    """A journal for which many requests came, whose thread has written them just now."""
    monkeypatch.setattr(shared, "INTERVAL", 60.0)
    monkeypatch.setattr(shared, "BUSY_INTERVAL", 60.0)
    journal = SharedJournal(batches)
    for number in range(1 + shared.MANY):  # one is written at once
        journal.note(exchange(f"/v1/a/{number}"))
    journal._write_pending()
    yield journal
    journal.close()


def test_while_many_requests_come_none_waits_for_the_database(
    busy: SharedJournal,
    batches: Batches,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Broken(batches, monkeypatch)
    for number in range(20):
        busy.note(exchange(f"/v1/b/{number}"))
    database.away = False

    assert not caplog.records  # of a database that was asked and is away
    assert len(busy.numbered()) == 31


def test_nobody_waits_for_requests_that_did_not_come(busy: SharedJournal, batches: Batches) -> None:
    busy._write_pending()

    batches.await_all("")
    assert len(batches.read("", ())[1]) == 2


def test_a_batch_is_written_though_nobody_asks(batches: Batches) -> None:
    journal = SharedJournal(batches)
    written = threading.Event()
    fill = batches.fill

    def note_fill(*arguments: Any) -> None:
        fill(*arguments)
        written.set()

    journal.note(exchange("/v1/first"))
    batches.fill = note_fill  # type: ignore[method-assign]
    for number in range(3):
        journal.note(exchange(f"/v1/a/{number}"))

    assert written.wait(30)
    assert len(batches.read("", ())[1]) >= 2
    journal.close()
