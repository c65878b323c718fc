"""The plugin: modes, order, identifiers, failures, streams and threads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import (
    ArgumentError,
    CassetteError,
    ConnectionFailed,
    FlowClient,
    ManualClock,
    Request,
    Response,
    Retry,
    TimedOut,
)
from flowkit_replay import Replay
from flowkit_replay.cassette import files

ONCE = Retry(attempts=1)


def client(*plugins: object, **settings: Any) -> FlowClient:
    return FlowClient(plugins=plugins, retry=ONCE, **settings)


def counting() -> Server:
    """Return a server whose answers tell how often it was asked."""
    seen = iter(range(1, 1000))
    return Server(lambda request: envelope({"n": next(seen)}))


def asked(flow: FlowClient) -> Any:
    return flow.tag.list().data["n"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


@pytest.fixture
def recorded(path: Path) -> Path:
    """A cassette of two equal requests with different answers."""
    with client(Replay(path), counting()) as flow:
        assert [asked(flow), asked(flow)] == [1, 2]
    return path


def test_once_records_a_cassette_that_does_not_exist_and_plays_one_that_does(
    recorded: Path,
) -> None:
    server = counting()
    with client(Replay(recorded), server) as flow:
        assert [asked(flow), asked(flow)] == [1, 2]
        with pytest.raises(CassetteError):
            flow.tag.create("new")
    assert server.requests == []


def test_none_needs_a_cassette(path: Path) -> None:
    with pytest.raises(CassetteError, match="there is no cassette"):
        Replay(path, mode="none")


def test_new_episodes_plays_what_is_there_and_adds_the_rest(recorded: Path) -> None:
    with client(Replay(recorded, mode="new_episodes"), counting()) as flow:
        assert [asked(flow), asked(flow)] == [1, 2]
        flow.tag.create("new")
    assert len(files.read(recorded)) == 3


def test_all_records_everything_anew(recorded: Path) -> None:
    server = counting()
    with client(Replay(recorded, mode="all"), server) as flow:
        asked(flow)
    assert len(server.requests) == 1
    assert len(files.read(recorded)) == 1


def test_an_unknown_mode_or_matcher_is_refused(path: Path) -> None:
    with pytest.raises(ArgumentError, match="mode must be one of none, once"):
        Replay(path, mode="sometimes")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="match_on names 'boddy'"):
        Replay(path, match_on=["boddy"])


def test_polls_play_in_order_and_then_fail_unless_the_last_is_held(recorded: Path) -> None:
    with client(Replay(recorded, mode="none")) as flow:
        assert [asked(flow), asked(flow)] == [1, 2]
        with pytest.raises(CassetteError, match="recorded 2 times and asked once more"):
            asked(flow)
    with client(Replay(recorded, mode="none", hold_last=True)) as flow:
        assert [asked(flow) for _ in range(4)] == [1, 2, 2, 2]


def test_a_request_that_matches_nothing_is_reported_the_nearest_and_the_first_difference(
    path: Path,
) -> None:
    with client(Replay(path), Server()) as flow:
        flow.tag.update("gold", "silver", "best")
    with client(Replay(path, mode="none")) as flow:
        with pytest.raises(CassetteError) as caught:
            flow.tag.update("gold", "silver", "worst")
        with pytest.raises(CassetteError, match="nothing was recorded for this path"):
            flow.queue.clean()
    assert (
        'interaction 1, which differs in the body: new_tag_desc: recorded "best", now "worst"'
        in str(caught.value)
    )


RECORDED, LIVE = "202611231642368574510", "202701010101010000010"


def test_another_identifier_for_the_same_step_is_mapped(path: Path) -> None:
    server = Server(lambda request: envelope({"echo": json.loads(request.read())["tag_name"]}))
    with client(Replay(path), server) as flow:
        flow.tag.query(f"model {RECORDED}")
        flow.tag.query(f"again {RECORDED}")
    with client(Replay(path, mode="none")) as flow:
        assert flow.tag.query(f"model {LIVE}").data == {"echo": f"model {LIVE}"}
        assert flow.tag.query(f"again {LIVE}").data == {"echo": f"again {LIVE}"}


def test_failures_are_outcomes_and_replay_as_the_same_exceptions(path: Path) -> None:
    server = Server(TimedOut("late"), ConnectionFailed("refused", sent=False), envelope({}))
    with client(Replay(path), server) as flow:
        for error in (TimedOut, ConnectionFailed):
            with pytest.raises(error):
                flow.tag.list()
        flow.tag.list()
    with client(Replay(path, mode="none")) as flow:
        with pytest.raises(TimedOut, match="late"):
            flow.tag.list()
        with pytest.raises(ConnectionFailed, match="refused") as caught:
            flow.tag.list()
        assert caught.value.sent is False
        assert flow.tag.list().ok


def test_a_replayed_retry_after_does_not_sleep(path: Path) -> None:
    clock = ManualClock()
    busy = Response(503, {"Retry-After": "5"}, b"busy")
    with FlowClient(plugins=[Replay(path), Server(busy, envelope({}))], clock=clock) as flow:
        flow.tag.list()
    assert clock.now() == 1_600_000_005.0
    with FlowClient(plugins=[Replay(path, mode="none")], clock=clock) as flow:
        flow.tag.list()
    assert clock.now() == 1_600_000_005.0


def streaming(request: Request) -> Response:
    def pieces() -> Iterator[bytes]:
        yield from (b"a" * 10, b"b" * 10)

    return Response(200, {"Content-Type": "application/x-tar"}, pieces())


def test_a_streamed_answer_records_while_it_passes_and_replays_in_the_chunks_asked_for(
    path: Path,
) -> None:
    with client(Replay(path), Server(streaming)) as flow:
        _, response = flow.open("job.log", {}, flow.request("job.log", download=True))
        assert list(response.stream(5)) == [b"a" * 5, b"a" * 5, b"b" * 5, b"b" * 5]
    with client(Replay(path, mode="none")) as flow:
        _, response = flow.open("job.log", {}, flow.request("job.log", download=True))
        assert list(response.stream(8)) == [b"a" * 8, b"aabbbbbb", b"bbbb"]


class Upload:
    """A streamed body."""

    def __init__(self, boundary: bytes, content: bytes) -> None:
        head = b'\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        self.pieces = [b"--" + boundary + head, content, b"\r\n--" + boundary + b"--\r\n"]
        self.length = sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces


def upload(flow: FlowClient, boundary: str, content: bytes = b"1,2\n") -> Any:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = flow.request("data.upload", body=Upload(boundary.encode(), content), headers=headers)
    return flow.send("data.upload", {}, request)


def test_a_streamed_upload_replays_whatever_its_boundary(path: Path) -> None:
    with client(Replay(path), Server()) as flow:
        upload(flow, "first")
    with client(Replay(path, mode="none")) as flow:
        assert upload(flow, "second").ok
    with client(Replay(path, mode="none")) as flow, pytest.raises(CassetteError, match="the body"):
        upload(flow, "third", b"1,3\n")


def test_no_secret_reaches_the_file_and_the_request_still_matches(path: Path) -> None:
    secret = "hunter22-and-more"
    body = {"tag_name": "gold", "password": secret, "conf": json.dumps({"secret_key": secret})}

    def ask(flow: FlowClient) -> Any:
        headers = {"Content-Type": "application/json", "APP_KEY": secret}
        request = flow.request(
            "tag.create", body=json.dumps(body).encode(), query=f"token={secret}", headers=headers
        )
        return flow.send("tag.create", {}, request)

    with client(Replay(path), Server(envelope({"app_key": secret}))) as flow:
        ask(flow)
        assert secret not in path.with_name("session.yaml.recording").read_text()
    assert secret not in path.read_text()
    with client(Replay(path, mode="none")) as flow:
        assert ask(flow).ok


def test_many_threads_and_two_cassettes_stay_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with client(Replay(tmp_path / name), Server(lambda r: envelope(r.read().decode()))) as flow:
            for n in range(200):
                flow.tag.create(f"{name}-{n}")
    network = Server()
    one = client(Replay(tmp_path / "one", mode="none"), network)
    two = client(Replay(tmp_path / "two", mode="none"), network)

    def ask(n: int) -> bool:
        flow, name = (one, "one") if n % 2 else (two, "two")
        return f"{name}-{n // 2}" in str(flow.tag.create(f"{name}-{n // 2}").data)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))
    assert network.requests == []


def test_concurrent_recording_loses_nothing(path: Path) -> None:
    with client(Replay(path), Server()) as flow, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: flow.tag.create(f"t{n}"), range(200)))
    bodies = {one.request_body for one in files.read(path)}
    assert len(bodies) == 200


def test_verify_reports_what_has_drifted_in_tiers(recorded: Path) -> None:
    def now(data: Any, **kind: Any) -> Replay:
        replay = Replay(recorded, mode="verify")
        with client(replay, Server(envelope(data, **kind))) as flow:
            flow.with_options(on_error="reply").tag.list()
        return replay

    assert now({"n": 1}).drift == []
    assert [d.tier for d in now({"n": 7}).drift] == ["value"]
    assert [d.tier for d in now({"n": "7"}).drift] == ["shape"]
    assert [d.tier for d in now(None, retcode=100, retmsg="no").drift] == ["outcome"]
    assert [d.tier for d in now({"n": 1}, retmsg="fine").drift] == ["message"]


def test_what_was_not_played_is_known(recorded: Path) -> None:
    replay = Replay(recorded, mode="none")
    with client(replay) as flow:
        asked(flow)
    assert len(replay.unplayed) == 1


def role_of(flow: FlowClient) -> Any:
    return flow.job.query(JOB).data[0]["f_role"]


JOB = "20210602010203040506"


def serve_roles(request: Request) -> Response:
    return envelope([{"f_role": "guest" if request.origin.endswith("1") else "host"}])


@pytest.mark.parametrize("order", [("guest", "host"), ("host", "guest")])
def test_two_servers_on_one_cassette_each_get_their_own_answers(
    path: Path, order: tuple[str, ...]
) -> None:
    addresses = {"guest": "http://10.0.0.1", "host": "http://10.0.0.2"}

    def ask(mode: Any, names: tuple[str, ...]) -> dict[str, Any]:
        replay = Replay(path, mode)
        clients = {
            name: FlowClient(f"{addresses[name]}:938{n}", plugins=[replay, Server(serve_roles)])
            for n, name in enumerate(("host", "guest"))
        }
        found = {name: role_of(clients[name]) for name in names}
        for flow in clients.values():
            flow.close()
        return found

    assert ask("all", ("guest", "host")) == {"guest": "guest", "host": "host"}
    assert ask("none", order) == {"guest": "guest", "host": "host"}


def test_a_recording_goes_on_behind_a_cut_file_with_a_warning(recorded: Path) -> None:
    recorded.write_text(recorded.read_text().removesuffix("version: 1\n"))
    for mode in ("none", "once", "verify"):
        with pytest.raises(CassetteError, match="was cut off"):
            Replay(recorded, mode)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="was cut off; recording goes on behind its 2 whole"):
        replay = Replay(recorded, "new_episodes")
    with client(replay, counting()) as flow:
        assert [asked(flow), asked(flow)] == [1, 2]
        flow.tag.create("new")
    assert len(files.read(recorded)) == 3
    recorded.write_text(recorded.read_text().removesuffix("version: 1\n"))
    with client(Replay(recorded, "all"), counting()) as flow:
        asked(flow)
    assert len(files.read(recorded)) == 1


def test_metadata_survives_every_mode(recorded: Path) -> None:
    extra = {"metadata": {"by": "Ada"}}
    files.write(recorded, files.read(recorded), extra=extra)
    for mode in ("new_episodes", "all", "none"):
        with client(Replay(recorded, mode), counting()) as flow:  # type: ignore[arg-type]
            flow.tag.create("new") if mode == "new_episodes" else asked(flow)
        assert files.read(recorded).extra == extra


def test_pytest_shows_nothing_of_this_module_for_a_miss(recorded: Path) -> None:
    with client(Replay(recorded, mode="none")) as flow, pytest.raises(CassetteError) as caught:
        flow.tag.create("new")
    shown = [entry.path for entry in caught.traceback.filter(caught)]
    assert not [path for path in shown if "flowkit_replay" in str(path)]
