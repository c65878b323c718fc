"""Clients, threads and processes come and go: what was recorded stays, and stays where it belongs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import CassetteError, FlowClient, ManualClock, Request, Response, Retry, TimedOut
from flowkit_replay import Mode, Replay
from flowkit_replay.cassette import files


def echo(request: Request) -> Response:
    return envelope(json.loads(request.read())["tag_name"])


def names(path: Path) -> list[str]:
    """Return what was created, as a cassette tells it."""
    return [json.loads(one.read_request())["tag_name"] for one in files.read(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


@pytest.mark.parametrize("mode", ["once", "all", "new_episodes"])
def test_clients_one_after_the_other_record_one_cassette(path: Path, mode: Mode) -> None:
    replay = Replay(path, mode)
    for name in ("first", "second", "third"):
        with FlowClient(plugins=[replay, Server(echo)]) as flow:
            flow.tag.create(name)
    assert names(path) == ["first", "second", "third"]
    assert [file.name for file in path.parent.iterdir()] == ["session.yaml"]


def test_clients_at_the_same_time_share_a_cassette_saved_with_the_last(path: Path) -> None:
    replay = Replay(path)
    one, two = (FlowClient(plugins=[replay, Server(echo)]) for _ in range(2))
    one.tag.create("one")
    one.close()
    assert not path.exists()
    two.tag.create("two")
    two.close()
    assert names(path) == ["one", "two"]


def test_eight_threads_with_two_cassettes_reach_no_network_and_no_other_file(
    tmp_path: Path,
) -> None:
    calls = 1000
    for side in ("one", "two"):
        held = Replay(tmp_path / f"{side}.yaml")
        with FlowClient(plugins=[held, Server(echo)]) as flow:
            for n in range(calls // 2):
                flow.tag.create(f"{side}-{n}")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    network = Server()
    replays = {
        side: Replay(tmp_path / f"{side}.yaml", mode="new_episodes") for side in ("one", "two")
    }
    clients = {side: FlowClient(plugins=[replays[side], network]) for side in replays}

    def work(thread: int) -> int:
        wrong = 0
        for n in range(calls):
            side, number = ("one", "two")[n % 2], (thread * calls + n) // 2
            if number < calls // 2:
                wrong += clients[side].tag.create(f"{side}-{number}").data != f"{side}-{number}"
        return wrong

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(work, range(8))) == 0
    for flow in clients.values():
        flow.close()
    assert network.requests == []
    assert all(replay.unplayed == [] for replay in replays.values())
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_threads_record_into_the_cassette_of_their_client_only(tmp_path: Path) -> None:
    clients = {
        side: FlowClient(plugins=[Replay(tmp_path / side), Server(echo)]) for side in ("a", "b")
    }
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(lambda n: clients["ab"[n % 2]].tag.create(f"{'ab'[n % 2]}{n}"), range(400))
        )
    for flow in clients.values():
        flow.close()
    for side in "ab":
        found = names(tmp_path / side)
        assert len(found) == 200
        assert {name[0] for name in found} == {side}


def test_nested_cassettes_answer_inside_out(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer.yaml", tmp_path / "inner.yaml"
    with FlowClient(plugins=[Server(echo)]) as flow:
        with flow.recording(outer):
            flow.tag.create("gold")
            with flow.recording(inner):
                flow.tag.create("silver")
        assert (names(outer), names(inner)) == (["gold", "silver"], ["silver"])
        with flow.cassette(outer, mode="none") as held, flow.cassette(inner, mode="none") as near:
            flow.tag.create("silver")
            assert (len(near.unplayed), len(held.unplayed)) == (0, 2)


def test_what_one_cassette_answers_another_can_record(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    flow = FlowClient(plugins=[Server(echo, TimedOut("late"))], retry=Retry(attempts=1))

    def ask() -> None:
        flow.tag.create("gold")
        with pytest.raises(TimedOut):
            flow.tag.create("silver")

    with flow.recording(one):
        ask()
    with flow.cassette(one, mode="none"), flow.recording(two):
        ask()
    flow.close()
    assert names(two) == names(one)


def test_a_replayed_failure_is_not_recorded_again(path: Path) -> None:
    once = Retry(attempts=1)
    for _ in range(2):
        plugins = [Replay(path, mode="new_episodes"), Server(TimedOut("late"))]
        with FlowClient(plugins=plugins, retry=once) as flow, pytest.raises(TimedOut):
            flow.tag.list()
    assert len(files.read(path)) == 1


def test_a_cassette_written_meanwhile_is_reported_at_the_end_of_the_block(path: Path) -> None:
    def disturbed() -> None:
        with FlowClient(plugins=[Server(echo)]) as flow, flow.cassette(path):
            flow.tag.create("mine")
            files.write(path, [])

    with pytest.raises(CassetteError, match=r"written by somebody else .* kept in .*\.recording"):
        disturbed()


def test_an_empty_session_is_a_cassette_too_and_once_does_not_write_to_it(path: Path) -> None:
    with FlowClient(plugins=[Replay(path)]):
        pass
    with FlowClient(plugins=[Replay(path), Server()]) as flow, pytest.raises(CassetteError):
        flow.tag.list()


def test_clients_made_with_other_options_share_the_time_of_the_cassette(path: Path) -> None:
    busy = Response(503, {"Retry-After": "4"}, b"busy")
    clock = ManualClock()
    start = clock.now()
    with FlowClient(plugins=[Server(busy, envelope({}))], clock=clock) as flow:
        twin = flow.with_options(timeout=1)
        with flow.recording(path):
            twin.tag.list()
        assert clock.now() == start + 4
        with flow.cassette(path, mode="none"):
            within = flow.with_options(timeout=2)
            twin.tag.list()
        assert clock.now() == start + 4
        within.clock.sleep(3)
        assert clock.now() == start + 7


PROGRAM = """
import json, os, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from fakes import Server, envelope
from flowkit import FlowClient
from flowkit_replay import Replay

flow = FlowClient(plugins=[Replay(Path(sys.argv[1]), large=200), Server(lambda r: envelope("x" * 300))])
"""


def program(text: str, path: Path, **settings: Any) -> subprocess.Popen[str]:
    head = PROGRAM.format(paths=[p for p in sys.path if p])
    command = [sys.executable, "-c", head + text, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **settings)


def test_a_client_that_is_never_closed_is_saved_when_the_program_ends(path: Path) -> None:
    done = program("flow.tag.create('gold')\nraise KeyboardInterrupt\n", path, stderr=-3)
    done.communicate()
    assert names(path) == ["gold"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_what_a_forked_process_calls_is_recorded_too(path: Path) -> None:
    text = """
flow.tag.create('before')
child = os.fork()
if child == 0:
    flow.tag.create('child')
    flow.close()
    sys.exit()
os.waitpid(child, 0)
flow.tag.create('after')
flow.close()
"""
    running = program(text, path)
    running.communicate()
    assert running.returncode == 0
    assert names(path) == ["before", "child", "after"]


FORKS = """
import threading
ended, count = threading.Event(), 0

def work():
    global count
    while not ended.is_set():
        flow.tag.create(f"parent-{count}")
        count += 1

def fork(n):
    child = os.fork()
    if child == 0:
        flow.tag.create(f"child-{n}")
        flow.close()
        os._exit(0)
    return os.waitpid(child, 0)[1]

thread = threading.Thread(target=work)
thread.start()
failed = [code for code in map(fork, range(30)) if code]
ended.set()
thread.join()
flow.close()
print(count, len(failed))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_forks_while_other_threads_record_lose_and_double_nothing(path: Path) -> None:
    running = program(FORKS, path)
    count, failed = map(int, running.communicate()[0].split())
    assert failed == 0
    expected = [f"parent-{n}" for n in range(count)] + [f"child-{n}" for n in range(30)]
    assert sorted(names(path)) == sorted(expected)


STREAM = """
from flowkit import Response
body = lambda r: Response(200, {}, iter([b"one", b"two", b"three"]))
flow = FlowClient(plugins=[Replay(Path(sys.argv[1] + ".stream")), Server(body)], server="1.6")
pieces = flow.open("job.log", {}, flow.request("job.log", download=True))[1].stream()
next(pieces)
child = os.fork()
if child == 0:
    list(pieces)
    flow.close()
    os._exit(0)
os.waitpid(child, 0)
list(pieces)
flow.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_an_answer_that_was_passing_at_a_fork_is_recorded_once(path: Path) -> None:
    running = program(STREAM, path)
    running.communicate()
    assert running.returncode == 0
    assert [one.body for one in files.read(Path(f"{path}.stream"))] == [b"onetwothree"]


def test_a_killed_recording_is_played_as_far_as_it_went_and_continued(path: Path) -> None:
    text = "n = 0\nwhile True:\n    flow.tag.create(str(n)); print(n, flush=True); n += 1\n"
    running = program(text, path)
    assert running.stdout is not None
    printed = [running.stdout.readline() for _ in range(20)][-1]
    running.send_signal(signal.SIGKILL)
    printed += running.communicate()[0]
    finished = int(printed.split()[-1]) + 1
    assert not path.exists()
    found = names(path)
    assert found[:finished] == [str(n) for n in range(finished)]
    assert len(found) <= finished + 1

    server = Server(echo)
    with FlowClient(plugins=[Replay(path), server]) as flow:
        for name in (*found, "new"):
            flow.tag.create(name)
    assert len(server.requests) == 1
    assert names(path) == [*found, "new"]
