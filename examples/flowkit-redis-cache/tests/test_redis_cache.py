"""The cache in a real Redis, which the tests start on a free port."""

from __future__ import annotations

import math
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from flowkit_redis_cache import RedisStore, redis_cache

from flowkit import Call, FlowClient, Request, Response, hookimpl
from flowkit.testing import assert_plugin_conforms
from flowkit_cache import Cache, CacheStore, Entry


class Server:
    """Answers in place of a server, and counts."""

    name = "server"
    identity = ""

    def __init__(self) -> None:
        self.asked = 0

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        self.asked += 1
        return Response(200, {}, b'{"retcode": 0, "retmsg": "success", "data": {"tags": []}}')


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*map(str, command)], stdout=log)
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(30)


@pytest.fixture
def store(url: str, request: pytest.FixtureRequest) -> RedisStore:
    return RedisStore(url, prefix=f"{request.node.name}:")


def test_it_is_a_store(store: RedisStore) -> None:
    kept: CacheStore = store
    entry = Entry({"Content-Type": "text/plain"}, b"\x00\xff", 100.0, 200.0, "0")
    kept.put("a", entry)
    kept.put("b", Entry({}, b"", 100.0, math.inf, "1,2"))
    assert kept.get("a", 150.0) == entry
    assert kept.get("b", 150.0) == Entry({}, b"", 100.0, math.inf, "1,2")
    assert kept.get("c", 150.0) is None
    assert kept.totals()[0] == 2
    kept.clear()
    assert kept.totals() == (0, 0)


def test_marks_change_for_everybody_and_are_never_the_same_again(
    store: RedisStore, url: str, request: pytest.FixtureRequest
) -> None:
    other = RedisStore(url, prefix=f"{request.node.name}:")
    seen = set()
    for _ in range(20):
        seen.add(store.stamp(["a", "b"]))
        other.outdate(["a"])
        assert other.stamp(["a", "b"]) == store.stamp(["a", "b"])
    assert len(seen) == 20
    assert store.stamp(["b"]) == "0"


def test_clients_share_answers_and_a_write_outdates_them(url: str) -> None:
    server = Server()
    one = FlowClient("flow", plugins=[redis_cache(url), server])
    two = FlowClient("flow", plugins=[redis_cache(url), server])
    one.tag.list()
    assert two.tag.list().source == "cache"
    two.tag.create("gold")
    assert one.tag.list().source == "network"
    assert server.asked == 3


def test_a_redis_that_is_gone_fails_no_call(caplog: pytest.LogCaptureFixture) -> None:
    server = Server()
    flow = FlowClient(plugins=[Cache(store=RedisStore("redis://127.0.0.1:1")), server])
    for _ in range(3):
        assert flow.tag.list().ok
    assert server.asked == 3
    (record,) = [one for one in caplog.records if one.name == "flowkit.cache"]
    assert "is not used any more" in record.getMessage()


def test_it_conforms(url: str) -> None:
    assert_plugin_conforms(lambda: redis_cache(url))


def test_it_is_enabled_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_REDIS_URL", url)
    flow = FlowClient(plugins=["redis-cache", Server()])
    assert isinstance(flow.hooks.get("cache"), Cache)
