"""Eight threads on one client with cache, auth, logging and faults: no lost update, no deadlock."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit import Call, FlowClient, ManualClock, Request, Response, Retry, hookimpl
from flowkit_auth import Auth, Bearer
from flowkit_cache import Cache
from flowkit_faults import Faults, Rule
from flowkit_logging import Logging

THREADS = 8
NAMES = ("gold", "silver", "lead")


class Tags:
    """A server of tags: a description each, and how often each was written."""

    name = "tags"

    def __init__(self) -> None:
        self.descriptions: dict[str, int] = dict.fromkeys(NAMES, 0)
        self.written: Counter[str] = Counter()
        self.nonces: list[str] = []
        self.lock = threading.Lock()

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        signed = call.signed(request)
        body = json.loads(request.read())
        with self.lock:
            self.nonces.append(signed.headers["NONCE"])
            name = body["tag_name"]
            if call.operation.name == "tag.update":
                self.descriptions[name] = int(body["new_tag_desc"])
                self.written[name] += 1
            data = {"tags": [{"name": name, "description": self.descriptions[name]}]}
        return Response(
            200, {}, json.dumps({"retcode": 0, "retmsg": "success", "data": data}).encode()
        )


RULES = st.lists(
    st.builds(
        Rule,
        fault=st.sampled_from(["refuse", "reset", "delay", "truncate", "corrupt", "answer"]),
        operation=st.sampled_from(["*", "tag.query", "tag.update"]),
        probability=st.floats(0, 0.4),
        times=st.integers(1, 10),
        seconds=st.floats(0, 2),
        bytes=st.integers(1, 3),
    ),
    max_size=3,
)
STEP = st.tuples(st.sampled_from(["read", "write", "fresh"]), st.sampled_from(NAMES))
SCRIPTS = st.lists(st.lists(STEP, min_size=1, max_size=12), min_size=THREADS, max_size=THREADS)
EVERY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def together(work: list[Callable[[], Any]]) -> list[Any]:
    """Run all of it at once, and return what came of it; a deadlock is a timeout."""
    start = threading.Barrier(len(work))

    def begin(one: Callable[[], Any]) -> Any:
        start.wait(10)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return [done.result(timeout=30) for done in [pool.submit(begin, one) for one in work]]


def quiet() -> logging.Logger:
    """Return a logger that makes every event and shows none."""
    logger = logging.getLogger("flowkit.threads")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers = [logging.NullHandler()]
    return logger


@EVERY
@given(scripts=SCRIPTS, rules=RULES, seed=st.integers(0, 99))
def test_under_faults_no_write_is_doubled_and_no_answer_is_made_up(
    scripts: list[list[tuple[str, str]]], rules: list[Rule], seed: int
) -> None:
    server, cache = Tags(), Cache(ttl=1e9)
    # Corruption may make any answer of another: what it leaves valid is not the plugins' to judge.
    corrupts = any(rule.fault == "corrupt" for rule in rules)
    plugins = [Logging(quiet()), cache, Auth("a", "s"), Faults(rules, seed=seed), server]
    flow = FlowClient(
        plugins=plugins, clock=ManualClock(), retry=Retry(attempts=3), on_error="reply"
    )
    sent: Counter[str] = Counter()
    lock = threading.Lock()
    number = [0]

    def play(script: list[tuple[str, str]]) -> None:
        for kind, name in script:
            if kind == "write":
                with lock:
                    number[0] += 1
                    sent[name] += 1
                    mine = number[0]
                flow.tag.update(name, new_tag_desc=str(mine))
                continue
            client = flow if kind == "read" else flow.with_options(cache=False)
            reply = client.tag.query(name)
            if reply["retcode"] == 0 and not corrupts:
                (tag,) = reply.data["tags"]
                assert tag["name"] == name
                assert 0 <= tag["description"] <= number[0]

    together([lambda script=script: play(script) for script in scripts])  # type: ignore[misc]
    assert all(server.written[name] <= sent[name] for name in NAMES)
    assert len(set(server.nonces)) == len(server.nonces)
    counted = cache.statistics
    reads = sum(kind == "read" for script in scripts for kind, _ in script)
    assert counted.hits + counted.shared + counted.misses == reads


@EVERY
@given(scripts=SCRIPTS)
def test_who_has_written_reads_that_or_something_newer(
    scripts: list[list[tuple[str, str]]],
) -> None:
    server = Tags()
    plugins = [Cache(ttl=1e9), Auth("a", "s"), server]
    flow = FlowClient(plugins=plugins, clock=ManualClock())
    lock = threading.Lock()
    number = [0]

    def play(script: list[tuple[str, str]]) -> None:
        seen = dict.fromkeys(NAMES, 0)
        for kind, name in script:
            if kind == "write":
                with lock:  # writes in order, so that a larger number is a newer one
                    number[0] += 1
                    seen[name] = number[0]
                    flow.tag.update(name, new_tag_desc=str(number[0]))
            else:
                (tag,) = flow.tag.query(name).data["tags"]
                assert tag["description"] >= seen[name], "an answer from before was given"
                seen[name] = tag["description"]

    together([lambda script=script: play(script) for script in scripts])  # type: ignore[misc]
    for name in NAMES:
        (tag,) = flow.tag.query(name).data["tags"]
        assert tag["description"] == server.descriptions[name]


@EVERY
@given(refused=st.integers(0, 5), calls=st.integers(1, 4))
def test_tokens_are_renewed_as_often_as_needed_and_no_more(refused: int, calls: int) -> None:
    fetched: list[str] = []

    def fetch() -> str:
        fetched.append(f"{len(fetched)}")
        return fetched[-1]

    class Gate:
        @hookimpl
        def flowkit_send(self, call: Call, request: Request) -> Response:
            token = int(call.signed(request).headers["Authorization"].removeprefix("Bearer "))
            good = token >= min(refused, 1)
            return Response(200 if good else 401, {}, b'{"retcode": 0, "retmsg": "success"}')

    flow = FlowClient(plugins=[Bearer(fetch), Gate()])
    together([lambda: [flow.queue.clean().status for _ in range(calls)]] * THREADS)
    assert len(fetched) == 1 + min(refused, 1)
