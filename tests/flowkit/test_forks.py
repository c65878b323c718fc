"""Forks: a child that comes out of one has connections, handles and locks of its own."""

from __future__ import annotations

import gc
import http.server
import io
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, ManualClock, Retry, forks, renew_in_children
from flowkit_auth import Bearer
from flowkit_cache import Cache, SQLiteStore
from flowkit_faults import Faults
from flowkit_mockserver import MockServer
from flowkit_progress import Lines, Progress

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork"),
    # Python 3.12 warns of forks with threads, which is what these tests are about.
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]

FORK = multiprocessing.get_context("fork")
ROUNDS = 25


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the job that was asked for."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(
            {"retcode": 0, "retmsg": "success", "data": [{"f_job_id": asked["job_id"]}]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def port() -> Iterator[int]:
    """Serve in a process of its own, so that no child inherits the server's threads."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    pid = os.fork()
    if pid == 0:
        server.serve_forever()
        os._exit(0)
    server.server_close()
    yield server.server_address[1]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def in_child(action: Callable[[], Any]) -> Any:
    """Return what `action` returns in a child; a child that hangs is ended, and fails the test."""
    receives, sends = FORK.Pipe(duplex=False)

    def run() -> None:
        try:
            sends.send(action())
        except Exception as error:  # the parent tells the test
            sends.send(repr(error))

    child = FORK.Process(target=run)
    child.start()
    try:
        assert receives.poll(30), "the child hangs"
        return receives.recv()
    finally:
        child.kill()
        child.join()
        receives.close()
        sends.close()


def ask(flow: FlowClient, job: str) -> str:
    return str(flow.job.query(job).data[0]["f_job_id"])


def put_answer(queue: Any, flow: FlowClient, job: str) -> None:
    queue.put((job, ask(flow, job)))


def test_each_child_gets_its_own_answers(port: int) -> None:
    for _ in range(ROUNDS):
        with FlowClient("127.0.0.1", port, timeout=5, retry=Retry(attempts=1)) as flow:
            ask(flow, "parent")
            queue = FORK.SimpleQueue()
            children = [
                FORK.Process(target=put_answer, args=(queue, flow, job)) for job in ("one", "two")
            ]
            for child in children:
                child.start()
            answers = [queue.get() for _ in children]
            assert ask(flow, "parent") == "parent"
            for child in children:
                child.join()
        assert all(asked == answered for asked, answered in answers)


def test_a_grandchild_gets_its_own_answers_too(port: int) -> None:
    with FlowClient("127.0.0.1", port) as flow:
        ask(flow, "parent")
        assert in_child(lambda: (ask(flow, "child"), os.getpid() and ask(flow, "again"))) == (
            "child",
            "again",
        )
        assert ask(flow, "parent") == "parent"


def held(locks: list[Any], action: Callable[[], Any]) -> Any:
    """Run `action` while another thread holds `locks`."""
    holds, release = threading.Event(), threading.Event()

    def hold() -> None:
        for lock in locks:
            lock.acquire()
        holds.set()
        release.wait()
        for lock in locks:
            lock.release()

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    try:
        return action()
    finally:
        release.set()
        thread.join()


def test_locks_that_threads_hold_stop_no_child(tmp_path: Path) -> None:
    progress, faults = Progress(Lines(io.StringIO()), components=False), Faults([])
    cache, bearer = Cache(path=tmp_path / "cache.db"), Bearer(lambda: "token")
    clock = ManualClock()
    plugins = [progress, faults, cache, bearer, Server(envelope({"tags": []}))]
    with FlowClient(plugins=plugins, clock=clock, retry=Retry(attempts=2)) as flow:
        flow.tag.list()
        attempts: Any = flow.hooks.get("attempts")
        registry: Any = flow.hooks
        store = cache._store.store
        locks = [
            one._lock
            for one in (progress, cache, bearer, attempts, registry, store, clock, faults.rules)
            if hasattr(one, "_lock")
        ]
        assert len(locks) >= 7

        def use() -> bool:
            flow.clock.sleep(1)
            flow.hooks.job_changed(
                flow, {"job_id": "1", "status": "running", "progress": 1, "rows": []}
            )
            with flow.using(Server(envelope("new"))):
                return flow.tag.list().ok and flow.queue.clean().ok

        assert held(locks, lambda: in_child(use)) is True


def test_a_cache_on_disk_is_shared_by_parent_and_child(tmp_path: Path) -> None:
    server = Server(envelope({"tags": []}))
    with FlowClient(plugins=[Cache(path=tmp_path / "cache.db"), server]) as flow:
        flow.tag.list()
        assert in_child(lambda: flow.tag.list().source) == "cache"
        assert in_child(lambda: flow.tag.create("gold").ok) is True
        assert flow.tag.list().source != "cache"


def test_a_child_does_not_close_its_parents_database(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "cache.db")
    store.outdate(["a"])

    def use() -> str:
        store.outdate(["a"])
        gc.collect()
        return store.stamp(["a"])

    assert in_child(use) == store.stamp(["a"])


def test_a_mock_in_this_process_is_copied_and_stays_the_parents() -> None:
    with MockServer() as mock, mock.client() as flow:
        flow.tag.create("gold")

        def use() -> int:
            flow.tag.create("childs own")
            tags = len(flow.tag.list().data["tags"])
            mock.close()
            return tags

        assert held([mock.state.lock], lambda: in_child(use)) == 2
        assert len(flow.tag.list().data["tags"]) == 1
        assert mock.state.store.spool.is_dir()


def test_a_mock_on_a_port_is_shared_and_closed_by_its_own_process_only() -> None:
    with MockServer(port=0) as mock, mock.client() as flow:
        flow.tag.create("gold")

        def use() -> bool:
            answer = flow.tag.create("childs").ok
            mock.close()
            return answer

        assert in_child(use) is True
        assert len(flow.tag.list().data["tags"]) == 2


def test_what_is_gone_is_not_renewed_and_not_kept() -> None:
    class Holder:
        def renew_after_fork(self) -> None:
            """Do nothing."""

    gc.collect()
    before = len(forks._HOLDERS)
    holder = Holder()
    renew_in_children(holder)
    assert len(forks._HOLDERS) == before + 1
    del holder
    gc.collect()
    assert len(forks._HOLDERS) <= before
    for _ in range(20):
        FlowClient().close()
    gc.collect()
    assert len(forks._HOLDERS) <= before
