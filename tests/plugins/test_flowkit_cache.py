"""The cache: what it keeps, for how long, what outdates it, and that it never answers wrongly."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import (
    ConnectionFailed,
    FlowClient,
    ManualClock,
    OperationError,
    PluginError,
    Request,
    Response,
    Retry,
)
from flowkit_auth import Auth, Bearer
from flowkit_cache import Cache

JOB, OTHER = "202106010203040506070", "202106010203040506071"


class Flow:
    """A server whose jobs can be set, and which numbers its answers, so that a kept one shows."""

    def __init__(self) -> None:
        self.jobs = {JOB: "success", OTHER: "success"}
        self.asked: list[str] = []
        self.plugin = Server(self.answer)

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/v1/")
        self.asked.append(path)
        body = json.loads(request.read() or b"{}")
        if path == "job/query":
            job = body["job_id"]
            return envelope([{"f_job_id": job, "f_status": self.jobs[job]}])
        return envelope({"turn": len(self.asked)})

    def times(self, path: str) -> int:
        return self.asked.count(path)


@pytest.fixture
def server() -> Flow:
    return Flow()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "disk"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "deep" / "cache.db" if request.param == "disk" else None


@pytest.fixture
def cache(path: Path | None) -> Cache:
    return Cache(ttl=5, path=path)


@pytest.fixture
def flow(server: Flow, cache: Cache, clock: ManualClock) -> Iterator[FlowClient]:
    with FlowClient(plugins=[cache, server.plugin], clock=clock, retry=Retry(attempts=1)) as client:
        yield client


def metrics(flow: FlowClient, job: str = JOB, component: str = "lr_0") -> Any:
    return flow.component.metric_all(job, "guest", 9999, component)


def test_an_answer_is_good_for_its_time(flow: FlowClient, clock: ManualClock) -> None:
    first = flow.tag.list()
    clock.advance(4.9)
    again = flow.tag.list()
    assert (first.source, again.source) == ("network", "cache")
    assert again == first
    clock.advance(0.2)
    assert flow.tag.list() != first


def test_reads_that_differ_are_kept_apart(flow: FlowClient) -> None:
    assert flow.tag.list(1) != flow.tag.list(2)
    assert flow.tag.query("a") != flow.tag.query("b")


def test_a_write_outdates_what_it_changes_and_nothing_else(flow: FlowClient) -> None:
    tags, tables = flow.tag.list(), flow.table.info("shop", "train")
    flow.tag.create("gold")
    assert flow.tag.list() != tags
    assert flow.table.info("shop", "train") == tables


def test_a_write_that_failed_may_have_happened(flow: FlowClient, server: Flow) -> None:
    tags = flow.tag.list()
    server.plugin.answers = [ConnectionFailed("broken off")]
    with pytest.raises(ConnectionFailed):
        flow.tag.create("gold")
    server.plugin.answers = [server.answer]
    assert flow.tag.list() != tags


def test_jobs_are_not_kept_because_they_change_by_themselves(
    flow: FlowClient, server: Flow
) -> None:
    flow.job.query(job_id=JOB)
    flow.job.query(job_id=JOB)
    assert server.times("job/query") == 2


def test_what_a_finished_job_has_put_out_is_kept_for_good(
    flow: FlowClient, clock: ManualClock
) -> None:
    flow.job.query(job_id=JOB)
    first = metrics(flow)
    clock.advance(1e6)
    assert metrics(flow) == first
    assert metrics(flow, component="lr_1") != first


def test_whether_a_job_has_ended_is_asked_once_when_nobody_knows(
    flow: FlowClient, server: Flow
) -> None:
    metrics(flow)
    metrics(flow)
    metrics(flow, component="lr_1")
    assert server.asked == [
        "job/query",
        "tracking/component/metric/all",
        "tracking/component/metric/all",
    ]


def test_what_a_running_job_puts_out_is_not_kept(
    flow: FlowClient, server: Flow, clock: ManualClock
) -> None:
    server.jobs[JOB] = "running"
    first = metrics(flow)
    assert metrics(flow) != first
    assert server.times("job/query") == 1
    server.jobs[JOB] = "success"
    clock.advance(1)
    last = metrics(flow)
    assert metrics(flow) == last


def test_one_party_that_still_runs_keeps_the_job_from_being_finished(
    flow: FlowClient, server: Flow
) -> None:
    rows = [{"f_job_id": JOB, "f_status": status} for status in ("success", "running")]
    server.plugin.answers = [envelope(rows), server.answer]
    flow.job.query(job_id=JOB)
    server.jobs[JOB] = "running"
    assert metrics(flow) != metrics(flow)


def test_a_filtered_look_does_not_tell_that_a_job_has_ended(server: Flow) -> None:
    flow = FlowClient(plugins=[Cache(ask=None), server.plugin])
    flow.job.query(job_id=JOB, status="success")
    assert metrics(flow) != metrics(flow)


def test_without_asking_only_what_passes_by_is_known(server: Flow) -> None:
    flow = FlowClient(plugins=[Cache(ask=None), server.plugin])
    assert metrics(flow) != metrics(flow)
    flow.with_options(cache=False).job.query(job_id=JOB)
    assert metrics(flow) == metrics(flow)


def test_a_write_that_names_a_job_outdates_that_job_only(flow: FlowClient) -> None:
    mine, other = metrics(flow), metrics(flow, OTHER)
    flow.job.stop(JOB)
    assert metrics(flow) != mine
    assert metrics(flow, OTHER) == other


def test_new_jobs_leave_finished_ones_alone(flow: FlowClient) -> None:
    kept = metrics(flow)
    flow.job.submit({"job_parameters": {}}, {"components": {}})
    flow.queue.clean()
    assert metrics(flow) == kept


def test_a_deleted_table_may_have_been_any_jobs_output(flow: FlowClient) -> None:
    kept = metrics(flow)
    flow.table.delete("output_data", "t1")
    assert metrics(flow) != kept


def test_a_finished_job_that_is_seen_running_again_is_forgotten(
    flow: FlowClient, server: Flow
) -> None:
    kept = metrics(flow)
    server.jobs[JOB] = "running"
    flow.job.query(job_id=JOB)
    assert metrics(flow) != kept


def test_a_job_that_ends_may_have_changed_tables_and_models(flow: FlowClient, server: Flow) -> None:
    before = flow.table.info("shop", "train")
    assert flow.table.info("shop", "train") == before
    flow.job.query(job_id=JOB)
    assert flow.table.info("shop", "train") != before


def test_errors_are_never_kept(flow: FlowClient, server: Flow) -> None:
    server.plugin.answers = [
        envelope(retcode=100, retmsg="no"),
        Response(503, {}, b"busy"),
        Response(200, {}, b"<html>"),
        server.answer,
    ]
    with pytest.raises(OperationError):
        flow.tag.list()
    for _ in range(2):
        with pytest.raises(Exception, match="without FATE Flow's envelope"):
            flow.tag.list()
    assert flow.tag.list().ok


def test_a_call_can_go_past_the_cache(flow: FlowClient, server: Flow) -> None:
    flow.tag.list()
    fresh = flow.with_options(cache=False)
    assert fresh.tag.list() != fresh.tag.list()
    assert server.times("model/tag/list") == 3


def test_times_can_be_set_by_operation(server: Flow, clock: ManualClock) -> None:
    cache = Cache(ttls={"job.list": 2, "tag.list": 0})
    flow = FlowClient(plugins=[cache, server.plugin], clock=clock)
    assert flow.job.list() == flow.job.list()
    assert flow.tag.list() != flow.tag.list()


def test_what_is_changed_in_an_answer_stays_with_the_caller(flow: FlowClient) -> None:
    flow.tag.list()["data"]["turn"] = "mine"
    assert flow.tag.list()["data"]["turn"] == 1


def file(size: int, length: int | None = None) -> Callable[[Request], Response]:
    """Return a server's answer with a file of `size` bytes that is streamed."""
    headers = {"Content-Disposition": "attachment; filename=x.zip"}
    if length is not None:
        headers["Content-Length"] = str(length)
    return lambda _: Response(200, headers, iter([b"x" * size]))


@pytest.mark.parametrize(("size", "length", "sent"), [(10, 10, 1), (200, 200, 2), (10, None, 2)])
def test_files_are_kept_if_they_are_known_to_be_small(
    clock: ManualClock, size: int, length: int | None, sent: int
) -> None:
    server = Server(file(size, length))
    flow = FlowClient(plugins=[Cache(largest=100), server], clock=clock)
    request = Request("GET", "http://flow", "/v1/model/export", download=True)
    for _ in range(2):
        _, response = flow.open("model.export_model", {}, request)
        assert b"".join(response.stream()) == b"x" * size
    assert len(server.requests) == sent


def test_entries_are_bounded_and_the_longest_unused_goes_first(
    path: Path | None, server: Flow, clock: ManualClock
) -> None:
    cache = Cache(ttl=1e6, entries=2, path=path)
    flow = FlowClient(plugins=[cache, server.plugin], clock=clock)
    flow.tag.list(1)
    clock.advance(100)
    flow.tag.list(2)
    clock.advance(100)
    flow.tag.list(1)
    clock.advance(100)
    flow.tag.list(3)
    assert cache.totals()[0] == 2
    assert flow.tag.list(1).source == "cache"
    assert flow.tag.list(2).source == "network"


def test_bytes_are_bounded(path: Path | None, clock: ManualClock) -> None:
    cache = Cache(ttl=1e6, size=10_000, path=path)
    flow = FlowClient(plugins=[cache, Server(envelope("x" * 1000))], clock=clock)
    for limit in range(50):
        flow.tag.list(limit)
        clock.advance(1)
    entries, size = cache.totals()
    assert 5 < entries < 10
    assert size <= 10_000


def test_statistics_count_what_happened(flow: FlowClient, cache: Cache) -> None:
    flow.tag.list()
    flow.tag.list()
    flow.tag.create("x")
    flow.tag.list()
    seen = cache.statistics
    assert (seen.hits, seen.misses, seen.kept, seen.shared) == (1, 2, 2, 0)


def test_everything_can_be_forgotten(flow: FlowClient, cache: Cache) -> None:
    flow.tag.list()
    cache.clear()
    assert cache.totals() == (0, 0)
    assert flow.tag.list().source == "network"


def test_equal_reads_at_the_same_moment_are_sent_once(path: Path | None) -> None:
    entered, leave = threading.Event(), threading.Event()
    sent: list[str] = []

    def slow(request: Request) -> Response:
        sent.append(request.path)
        entered.set()
        assert leave.wait(10)
        return envelope([])

    cache = Cache(path=path)
    flow = FlowClient(plugins=[cache, Server(slow)])
    threads = [threading.Thread(target=flow.tag.list) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    leave.set()
    for thread in threads:
        thread.join(10)
    counted = cache.statistics
    assert (len(sent), counted.misses, counted.shared + counted.hits) == (1, 1, 7)


def test_a_read_after_a_write_does_not_join_one_from_before() -> None:
    entered, leave = threading.Event(), threading.Event()
    state = ["old"]

    def answer(request: Request) -> Response:
        if request.path.endswith("create"):
            state[0] = "new"
            return envelope()
        seen = state[0]
        if seen == "old":
            entered.set()
            assert leave.wait(10)
        return envelope(seen)

    flow = FlowClient(plugins=[Cache(ttl=100), Server(answer)])
    answers: list[str] = []
    early = threading.Thread(target=lambda: answers.append(flow.tag.list()["data"]))
    early.start()
    assert entered.wait(10)
    flow.tag.create("x")
    assert flow.tag.list()["data"] == "new"
    leave.set()
    early.join(10)
    assert answers == ["old"]
    assert flow.tag.list()["data"] == "new"


def test_a_read_made_within_an_equal_read_does_not_wait_for_itself() -> None:
    depth: list[int] = []

    def nested(request: Request) -> Response:
        depth.append(1)
        return envelope(flow.tag.list()["data"] if len(depth) < 3 else "bottom")

    flow = FlowClient(plugins=[Cache(), Server(nested)])
    assert flow.tag.list()["data"] == "bottom"


def test_when_the_first_of_equal_reads_fails_the_others_ask_themselves() -> None:
    entered, leave = threading.Event(), threading.Event()
    turns: list[int] = []

    def answer(request: Request) -> Response:
        turns.append(1)
        if len(turns) == 1:
            entered.set()
            assert leave.wait(10)
            raise ConnectionFailed("broken off")
        return envelope("fine")

    flow = FlowClient(plugins=[Cache(), Server(answer)], retry=Retry(attempts=1), on_error="reply")
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(flow.tag.list()["retcode"]))
        for _ in range(4)
    ]
    threads[0].start()
    assert entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    leave.set()
    for thread in threads:
        thread.join(10)
    assert sorted(answers) == [0, 0, 0, 100]


def test_clients_with_other_credentials_or_servers_do_not_share(clock: ManualClock) -> None:
    cache = Cache(ttl=100)
    server = Server(lambda request: envelope(request.headers.get("APP_KEY", "nobody")))
    server.identity = ""  # type: ignore[attr-defined]

    def client(*plugins: object, ip: str = "flow") -> FlowClient:
        return FlowClient(ip, plugins=[cache, *plugins, server], clock=clock)

    assert client(Auth("ann", "s")).tag.list().source == "network"
    assert client(Auth("ann", "s")).tag.list().source == "cache"
    for other in (client(Auth("bob", "s")), client(Bearer("t")), client(), client(ip="other")):
        assert other.tag.list().source == "network"


def test_the_file_is_shared_between_caches_private_and_free_of_pickles(
    tmp_path: Path, server: Flow, clock: ManualClock
) -> None:
    path = tmp_path / "cache.db"
    server.plugin.identity = ""  # type: ignore[attr-defined]

    def client() -> FlowClient:
        return FlowClient(plugins=[Cache(path=path), server.plugin], clock=clock)

    one, two = client(), client()
    first = one.tag.list()
    assert two.tag.list() == first
    assert metrics(one) == metrics(two)
    two.tag.create("x")
    assert one.tag.list() != first
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT headers, body FROM kept").fetchall()
    assert all(json.loads(headers) is not None for headers, _ in rows)
    assert not any(body.startswith(b"\x80") for _, body in rows)


def test_a_file_that_is_no_cache_is_left_alone_and_fails_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "precious.txt"
    path.write_bytes(b"not a database, and longer than a header of one" * 10)
    before = path.read_bytes()
    flow = FlowClient(plugins=[Cache(path=path), Server()])
    assert flow.tag.list().ok
    assert flow.tag.create("x").ok
    assert flow.tag.list().source == "network"
    assert path.read_bytes() == before
    assert [record.name for record in caplog.records] == ["flowkit.cache"]


def test_a_file_of_another_layout_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with sqlite3.connect(path) as database:
        database.executescript("PRAGMA user_version = 99; CREATE TABLE kept (other TEXT);")
    flow = FlowClient(plugins=[Cache(path=path), Server()])
    flow.tag.list()
    assert flow.tag.list().source == "cache"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"ttl": -1}, "ttl must be seconds from 0 on, got -1"),
        ({"ttl": "5"}, "ttl must be seconds from 0 on, got '5'"),
        ({"ttls": {"job.list": None}}, "ttls['job.list'] must be seconds from 0 on, got None"),
        ({"store": 5}, "store must have the methods of a CacheStore, got 5"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(PluginError, match=re.escape(says)):
        Cache(**arguments)
