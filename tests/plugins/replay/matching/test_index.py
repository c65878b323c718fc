"""The cassette that plays: in order, server by server, parsed and indexed as it is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowkit import CassetteError, Request
from flowkit_replay import Cassette, Interaction, RequestMatcher
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interaction_list import InteractionList
from recorded import interaction

GUEST, HOST, OTHER = "http://10.0.0.1:9380", "http://10.0.0.2:9380", "http://10.0.0.3:9380"
JOBS = ("202611231642368574510", "202611231643216777880")
LIVE = "202701010101010000010"


def request(target: str = "/v1/job/query", body: Any = None, origin: str = GUEST) -> Request:
    path, _, query = target.partition("?")
    data = b"{}" if body is None else json.dumps(body).encode()
    return Request("POST", origin, path, query, {"Content-Type": "application/json"}, data)


def recorded(
    answer: str, target: str = "/v1/job/query", body: Any = None, origin: str = GUEST
) -> Interaction:
    data = b"{}" if body is None else json.dumps(body).encode()
    return interaction(target, answer.encode(), uri=origin + target, request_body=data)


def play(cassette: Cassette, *requests: Request) -> list[str | None]:
    found = [cassette.find(one) for one in requests]
    return [one.body.decode() if one else None for one in found]


def make_lazy(
    path: Path, held: list[Interaction], monkeypatch: pytest.MonkeyPatch
) -> InteractionList:
    files.write(path, held)
    monkeypatch.setattr(files, "MOST_AT_ONCE", 0)
    lazy = files.read(path)
    assert not lazy.loaded
    return lazy


def test_equal_requests_play_in_order_and_others_wherever_they_stand() -> None:
    held = [recorded("1"), recorded("a", "/v1/job/stop"), recorded("2")]
    cassette = Cassette(held)
    stop = request("/v1/job/stop")
    assert play(cassette, stop, request(), request(), request()) == ["a", "1", "2", None]
    assert cassette.unplayed == []


def test_the_same_request_to_two_servers_plays_each_ones_own_answer() -> None:
    cassette = Cassette([recorded("guest"), recorded("host", origin=HOST)])
    asked = request(origin=HOST), request(origin=GUEST), request(origin=GUEST)
    assert play(cassette, *asked) == ["host", "guest", None]
    assert cassette.addresses == ["10.0.0.1:9380", "10.0.0.2:9380"]


def test_what_one_server_answered_is_never_played_for_another() -> None:
    cassette = Cassette([recorded("guest"), recorded("host", "/v1/job/stop", origin=HOST)])
    assert play(cassette, request(origin=HOST)) == [None]
    text = str(cassette.explain_miss(request(origin=HOST)))
    assert 'differs in the address: recorded "10.0.0.1:9380", now "10.0.0.2:9380"' in text


def test_a_cassette_of_one_server_plays_for_any() -> None:
    cassette = Cassette([recorded("1"), recorded("2")])
    assert play(cassette, request(origin=HOST), request(origin=OTHER)) == ["1", "2"]


def test_a_server_that_was_not_recorded_gets_what_only_one_recorded_server_answered() -> None:
    held = [recorded("guest"), recorded("host", "/v1/job/stop", origin=HOST)]
    cassette = Cassette(held)
    asked = request("/v1/job/stop", origin=OTHER), request(origin=OTHER)
    assert play(cassette, *asked) == ["host", "guest"]


def test_of_two_recorded_servers_none_is_chosen_for_a_third() -> None:
    cassette = Cassette([recorded("guest"), recorded("host", origin=HOST)], title="cassette x")
    with pytest.raises(
        CassetteError,
        match=r"cassette x holds POST /v1/job/query of 10\.0\.0\.1:9380 and 10\.0\.0\.2:9380, and "
        r"this client talks to 10\.0\.0\.3:9380: .*match_on=\('method', 'path', 'query', 'body'\)",
    ):
        cassette.find(request(origin=OTHER))


def test_addresses_do_not_count_where_they_are_left_out() -> None:
    cassette = Cassette([recorded("guest"), recorded("host", origin=HOST)], by_address=False)
    assert play(cassette, request(origin=HOST), request(origin=HOST)) == ["guest", "host"]


@pytest.mark.parametrize(
    ("name", "same", "other"),
    [
        ("host", "https://10.0.0.1:1", "http://10.0.0.2:9380"),
        ("port", "https://10.0.0.9:9380", "http://10.0.0.1:9381"),
        ("scheme", "http://10.0.0.9:1", "https://10.0.0.1:9380"),
    ],
)
def test_host_port_and_scheme_can_be_named(name: str, same: str, other: str) -> None:
    matcher = RequestMatcher(matchers=("path", name))
    cassette = Cassette([recorded("x")], matcher=matcher, by_address=False)
    assert play(cassette, request(origin=other), request(origin=same)) == [None, "x"]


def test_an_own_matcher_sees_the_address() -> None:
    own = {"subnet": lambda one: one.host.rpartition(".")[0]}
    matcher = RequestMatcher(matchers=("subnet",), own=own)
    cassette = Cassette([recorded("x")], matcher=matcher, by_address=False)
    assert play(cassette, request(origin="http://10.0.1.1"), request("/else", origin=HOST)) == [
        None,
        "x",
    ]


def test_a_large_cassette_plays_as_one_that_was_parsed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [
        recorded(
            f"{n}", f"/v1/job/{'query' if n % 3 else 'stop'}", {"n": n % 4}, (GUEST, HOST)[n % 2]
        )
        for n in range(40)
    ]
    lazy = make_lazy(tmp_path / "one.yaml", held, monkeypatch)
    asked = [request(one.path, json.loads(one.request_body), one.uri[:20]) for one in held]
    asked = asked[::-1] + asked[:5]
    assert play(Cassette(lazy), *asked) == play(Cassette(held), *asked)


def test_of_a_large_cassette_only_what_is_asked_for_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [recorded(f"{n}", f"/v1/job/{n % 2}", {"n": n}) for n in range(20)]
    lazy = make_lazy(tmp_path / "one.yaml", held, monkeypatch)
    cassette = Cassette(lazy)
    assert play(cassette, request("/v1/job/1", {"n": 5})) == ["5"]
    assert (list(lazy._parsed), sorted(cassette._keys)) == ([5], [1, 3, 5])
    cassette.load()
    assert lazy.loaded
    assert len(cassette.unplayed) == 19


def test_identifiers_are_paired_in_a_large_cassette_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [recorded(job, f"/v1/job/{job}", {"job_id": job}) for job in (*JOBS, JOBS[0])]
    lazy = make_lazy(tmp_path / "one.yaml", held, monkeypatch)
    cassette = Cassette(lazy)
    live = request(f"/v1/job/{LIVE}", {"job_id": LIVE})
    assert play(cassette, live, live) == [JOBS[0], JOBS[0]]
    assert cassette.translate(held[0].respond()).read() == LIVE.encode()


def test_a_miss_says_in_one_line_what_counts() -> None:
    big = {"conf": {"n": list(range(1000))}, "limit": 1}
    held = [recorded("x", body=big), recorded("y", "/v1/job/stop")]
    cassette = Cassette(held, title="cassette one.yaml")
    assert str(cassette.explain_miss(request(body={**big, "limit": 2}))) == (
        "cassette one.yaml has no answer left for POST /v1/job/query: the nearest is interaction 1, "
        "which differs in the body: limit: recorded 1, now 2"
    )
    assert "nothing was recorded for this path" in str(cassette.explain_miss(request("/v1/other")))
    long = request(body={"conf": "x" * 10_000, "limit": 1})
    assert len(str(cassette.explain_miss(long))) < 400


def test_a_credential_of_one_request_does_not_hide_another_that_was_recorded_openly() -> None:
    """Plain vcrpy scrubs nothing: what is a cookie in one request may be an identifier in another."""
    name = {"tag_name": "c00kie4711"}
    signed = recorded("stop", "/v1/job/stop")
    signed.request_headers["Cookie"] = "sid=c00kie4711"
    cassette = Cassette([recorded("tag", body=name), signed, recorded("again", body=name)])
    stop = Request("POST", GUEST, "/v1/job/stop", "", {"Cookie": "sid=c00kie4711"}, b"{}")
    assert play(cassette, request(body=name), stop, request(body=name)) == ["tag", "stop", "again"]


def test_a_request_matches_what_was_recorded_without_the_credential_that_it_repeats() -> None:
    name = {"tag_name": "<scrubbed>"}
    cassette = Cassette([recorded("stop", "/v1/job/stop"), recorded("tag", body=name)])
    stop = Request("POST", GUEST, "/v1/job/stop", "", {"Cookie": "sid=c00kie4711"}, b"{}")
    assert play(cassette, stop, request(body={"tag_name": "c00kie4711"})) == ["stop", "tag"]
