"""Replay beside plain vcrpy: operations a second, and what loading a cassette takes.

``python -m benchmarks.replay``. Every figure is of one run on one machine; only the ratios travel.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import urllib3
import vcr

from flowkit import FlowClient
from flowkit_replay import Interaction, Replay
from flowkit_replay.cassette import files

HOST = "http://127.0.0.1:9380"
TARGET = "/v1/model/tag/list"
HEADERS = {"Content-Type": "application/json"}


def interaction(number: int) -> Interaction:
    """Return one recorded request and its answer, different for each number."""
    answer = {"retcode": 0, "retmsg": "success", "data": {"tags": [], "number": number}}
    body = json.dumps(answer).encode()
    asked = json.dumps({"limit": number}).encode()
    kind = {"Content-Type": ["application/json"], "Content-Length": [str(len(body))]}
    return Interaction("POST", HOST + TARGET, dict(HEADERS), asked, 200, "OK", kind, body)


def flowkit_rate(path: Path, size: int, *, loaded: bool = True) -> float:
    """Return operations a second through flowkit's client, each interaction played once.

    A large cassette is parsed as it plays, unless it was `loaded` before.
    """
    best = 0.0
    rounds = max(3, 3000 // size)
    with_cassettes = [Replay(path, mode="none") for _ in range(rounds)]
    gc.collect()
    for replay in with_cassettes:
        if loaded:
            replay.cassette.load()
        with FlowClient(plugins=[replay]) as flow:
            start = time.perf_counter()
            for number in range(size):
                flow.tag.list(number)
            best = max(best, size / (time.perf_counter() - start))
    return best


def vcrpy_rate(path: Path, size: int) -> float:
    """Return requests a second of urllib3 under plain vcrpy, matching bodies as flowkit does."""
    match = ("method", "path", "query", "body")
    with vcr.use_cassette(str(path), record_mode="none", match_on=match):
        pool = urllib3.PoolManager()
        start = time.perf_counter()
        for number in range(size):
            body = json.dumps({"limit": number})
            json.loads(pool.request("POST", HOST + TARGET, body=body, headers=HEADERS).data)
        return size / (time.perf_counter() - start)


def cost(load: Callable[[], object]) -> tuple[float, float]:
    """Return seconds and peak MiB that loading a cassette takes."""
    gc.collect()
    start = time.perf_counter()
    load()
    seconds = time.perf_counter() - start
    tracemalloc.start()
    load()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return seconds, peak


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        rates = {}
        for size in (10, 1_000, 10_000):
            path = Path(folder) / f"{size}.yaml"
            files.write(path, [interaction(number) for number in range(size)])
            rates[size] = flowkit_rate(path, size)
            print(f"flowkit, {size:6} interactions: {rates[size]:9.0f} operations/s")
        path = Path(folder) / "1000.yaml"
        plain = vcrpy_rate(path, 1_000)
        print(f"vcrpy,     1000 interactions: {plain:9.1f} requests/s")
        print(
            f"flowkit / vcrpy at 1,000:     {rates[1_000] / plain:9.0f} x  (target: at least 100)"
        )
        spread = max(rates[10], rates[10_000]) / rates[1_000]
        slowest = rates[1_000] / min(rates[10], rates[10_000])
        print(
            f"rate at 1,000 against 10 and 10,000: {max(spread, slowest):.2f} x  (target: at most 1.5)"
        )
        first = flowkit_rate(Path(folder) / "10000.yaml", 10_000, loaded=False)
        print(f"10,000 interactions, parsed while they play: {first:9.0f} operations/s")
        compare_loading(Path(folder))


def compare_loading(folder: Path) -> None:
    """Measure and print what it takes until the first request can be answered."""
    path = folder / "5000.yaml"
    files.write(path, [interaction(number) for number in range(5_000)])
    ours = cost(lambda: Replay(path, mode="none"))
    theirs = cost(lambda: vcr.cassette.Cassette.load(path=str(path)))
    print(
        f"loading 5,000: flowkit {ours[0]:.3f} s, {ours[1]:.1f} MiB; "
        f"vcrpy {theirs[0]:.3f} s, {theirs[1]:.1f} MiB; "
        f"flowkit / vcrpy: {ours[0] / theirs[0]:.3f} of the time (target: at most 0.167), "
        f"{ours[1] / theirs[1]:.3f} of the memory (target: at most 0.333)"
    )
    path = folder / "30000.yaml"
    files.write(path, [interaction(number) for number in range(30_000)])
    seconds, peak = cost(lambda: Replay(path, mode="none"))
    print(
        f"loading 30,000: {seconds:.2f} s (target: at most 5), {peak:.0f} MiB (target: at most 150)"
    )


if __name__ == "__main__":
    main()
