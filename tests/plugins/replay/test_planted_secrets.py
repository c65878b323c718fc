"""Planted credentials appear in no byte that is written, wherever and however they were put."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, FlowError, Request, Response, Retry, TimedOut
from flowkit_replay import Mode, Replay, Scrubber

APP_KEY, SECRET_KEY = "app-4711/key+", 'se"cret\\k3y & more'
TOKEN, PASSWORD = "tok.en-0815_abcdef", "pä55 wörd<9>"
ALL = (APP_KEY, SECRET_KEY, TOKEN, PASSWORD)
FIELDS = {"app_key": APP_KEY, "secret_key": SECRET_KEY, "bearer_token": TOKEN, "password": PASSWORD}
ONCE = Retry(attempts=1)
MODES: tuple[Mode, ...] = ("all", "none")


def disguises(secret: str) -> Iterator[bytes]:
    """Yield a secret in the forms in which bodies, queries and messages carry it."""
    once = json.dumps(secret)[1:-1]
    for text in (
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        once,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(once)[1:-1],
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    ):
        yield text.encode()


def assert_clean(folder: Path, *secrets: str) -> None:
    """Fail when a secret, in any form, is in a file or in a file's name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        held = path.read_bytes() + str(path).encode()
        for secret in secrets:
            for form in disguises(secret):
                assert form not in held, f"{form!r} is in {path.name}"


def multipart(boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in FIELDS.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()


JSON = "application/json"
BODIES: dict[str, tuple[str, bytes]] = {
    "json": (JSON, json.dumps({"user": "ann", **FIELDS}).encode()),
    "utf-8 json": (JSON, json.dumps(FIELDS, ensure_ascii=False).encode()),
    "nested json": (JSON, json.dumps({"conf": json.dumps({"in": json.dumps(FIELDS)})}).encode()),
    "lists": (JSON, json.dumps({"password": [*ALL], "credentials": {"k": [*ALL]}}).encode()),
    "form": ("application/x-www-form-urlencoded", urlencode(FIELDS).encode()),
    "json in form": (
        "application/x-www-form-urlencoded",
        urlencode({"a": 1, "conf": json.dumps(FIELDS)}).encode(),
    ),
    "multipart": ("multipart/form-data; boundary=xx", multipart("xx")),
    "none": (JSON, b""),
}
QUERIES = {
    "none": "",
    "pairs": urlencode(FIELDS),
    "upload": quote(json.dumps({"file": "x.csv", **FIELDS})),
    "nested": urlencode({"a": 1, "conf": json.dumps(FIELDS)}),
}
HEADERS = {
    "APP_KEY": APP_KEY,
    "Authorization": f"Bearer {TOKEN}",
    "X-Secret-Key": SECRET_KEY.replace("\\", "/"),
    "Cookie": f"session={TOKEN}",
}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("kind", BODIES)
def test_named_secrets_are_written_nowhere_and_requests_still_match(
    kind: str, query: str, tmp_path: Path
) -> None:
    content_type, body = BODIES[kind]
    echo = {"said": f"no such key: {APP_KEY}", "given": FIELDS, "text": json.dumps(FIELDS)}
    answers = [
        envelope(echo),
        envelope(retcode=100, retmsg=f"login failed: password={TOKEN}, Bearer {TOKEN}"),
        TimedOut(f"http://ann:{TOKEN}@host did not answer, app_key={APP_KEY}"),
    ]

    def ask(flow: FlowClient) -> list[Any]:
        found: list[Any] = []
        for _ in answers:
            request = flow.request(
                "tag.create",
                body=body,
                query=QUERIES[query],
                headers={"Content-Type": content_type, **HEADERS},
            )
            try:
                found.append(flow.send("tag.create", {}, request))
            except FlowError as error:
                found.append(type(error))
        return found

    path = tmp_path / "one.yaml"
    with FlowClient(plugins=[Replay(path), Server(*answers)], retry=ONCE) as flow:
        expected = [answer if isinstance(answer, type) else dict for answer in ask(flow)]
        assert_clean(tmp_path, *ALL[:3])
    assert_clean(tmp_path, *ALL[:3])
    assert PASSWORD not in path.read_text("utf-8")
    with FlowClient(plugins=[Replay(path, mode="none")], retry=ONCE) as flow:
        assert [one if isinstance(one, type) else dict for one in ask(flow)] == expected


def test_the_clients_own_credentials_are_written_nowhere(tmp_path: Path) -> None:
    def echo(request: Request) -> Response:
        return envelope({"note": f"{APP_KEY} or {SECRET_KEY}, not {quote(SECRET_KEY)}"})

    path = tmp_path / "one.yaml"
    for mode in MODES:
        plugins = [Replay(path, mode), Server(echo)]
        with FlowClient(None, None, "v1", APP_KEY, SECRET_KEY, plugins=plugins) as flow:
            flow.tag.create(f"gold for {APP_KEY}")
    assert_clean(tmp_path, APP_KEY, SECRET_KEY)


def test_a_fetched_token_is_not_recorded_where_an_answer_repeats_it(tmp_path: Path) -> None:
    from flowkit_auth import Bearer

    server = Server(envelope({"note": f"hello {TOKEN}"}))
    plugins = [Replay(tmp_path / "one.yaml"), Bearer(lambda: TOKEN), server]
    with FlowClient(plugins=plugins) as flow:
        flow.tag.list()
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert_clean(tmp_path, TOKEN)


@pytest.mark.parametrize("large", [None, 1000])
def test_streams_lose_their_secrets_before_they_are_written(
    large: int | None, tmp_path: Path
) -> None:
    filler = b"0123456789abcde\n" * 70_000

    def answer(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            whole = filler + f'{{"password": "{TOKEN}"}} {SECRET_KEY}\n'.encode() + filler
            yield from (whole[at : at + 7_001] for at in range(0, len(whole), 7_001))

        return Response(200, {"Content-Type": "text/plain"}, pieces())

    path = tmp_path / "one.yaml"
    replay = Replay(path, secrets=[SECRET_KEY], large=large)
    with FlowClient(plugins=[replay, Server(answer)]) as flow:
        _, response = flow.open("job.log", {}, flow.request("job.log", download=True))
        for _ in response.stream():
            if large:
                assert_clean(tmp_path, TOKEN, SECRET_KEY)
    assert_clean(tmp_path, TOKEN, SECRET_KEY)


secrets = st.text(min_size=6, max_size=24).filter(
    lambda text: len(set(text)) > 3 and text.strip() == text and "<" not in text
)


@settings(max_examples=80, deadline=None)
@given(secrets, st.text(max_size=10), st.text(max_size=10))
def test_listed_secrets_are_found_in_every_disguise(secret: str, before: str, after: str) -> None:
    try:
        secret.encode()
        before.encode(), after.encode()
    except UnicodeEncodeError:
        return
    scrubber = Scrubber(secrets=[secret])
    for form in disguises(secret):
        clean = scrubber.scrub_body(before.encode() + form + after.encode())
        if form not in before.encode() + after.encode() + b"<scrubbed>":
            assert form not in clean


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["password", "app_key", "note", "db_password", "n", "Token"]),
        st.recursive(
            st.text(max_size=12) | st.integers() | st.none() | st.booleans(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=6,
        ),
    )
)
def test_scrubbing_twice_is_scrubbing_once_and_json_stays_json(value: dict[str, Any]) -> None:
    text = json.dumps({"deep": value, "text": json.dumps(value)})
    clean = Scrubber().scrub_text(text)
    assert Scrubber().scrub_text(clean) == clean
    assert json.loads(json.loads(clean)["text"]).keys() == value.keys()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2_500_000), st.integers(10_000, 300_000), st.booleans())
def test_a_long_body_is_scrubbed_wherever_its_blocks_end(at: int, step: int, lines: bool) -> None:
    filler = (b"x" * 99 + (b"\n" if lines else b"y")) * 25_000
    body = filler[:at] + SECRET_KEY.encode() + filler[at:]
    pieces = (body[start : start + step] for start in range(0, len(body), step))
    clean = b"".join(Scrubber(secrets=[SECRET_KEY]).scrub_pieces(pieces))
    assert clean == filler[:at] + b"<scrubbed>" + filler[at:]


def test_a_connection_that_breaks_within_an_answer_is_reported_without_secrets(
    tmp_path: Path,
) -> None:
    def answer(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"abc"
            raise ConnectionFailed(f"broke: password={TOKEN}")

        return Response(200, {}, pieces())

    path = tmp_path / "one.yaml"
    for mode in MODES:
        with FlowClient(plugins=[Replay(path, mode), Server(answer)]) as flow:
            _, response = flow.open("job.log", {}, flow.request("job.log", download=True))
            pieces = response.stream()
            assert next(pieces) == b"abc"
            with pytest.raises(ConnectionFailed, match="broke"):
                next(pieces)
    assert_clean(tmp_path, TOKEN)


COOKIE = "c00kie4711"


def test_a_cookie_is_written_nowhere_wherever_it_is_repeated(tmp_path: Path) -> None:
    """The client sends it, the server repeats it in a JSON body; both name it nothing special."""
    path = tmp_path / "one.yaml"
    headers = {"Content-Type": JSON, "Cookie": f'theme=dark; sid="{COOKIE}"'}
    with FlowClient(plugins=[Replay(path), Server(envelope({"session": COOKIE}))]) as flow:
        body = json.dumps({"again": COOKIE}).encode()
        flow.send("tag.create", {}, flow.request("tag.create", body=body, headers=headers))
    assert_clean(tmp_path, COOKIE)


def test_what_a_server_sets_as_a_cookie_is_looked_for_in_its_answers(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    first = envelope({"session": COOKIE})
    first.headers["Set-Cookie"] = f"sid={COOKIE}; Path=/v1; Domain=flow-1.example"
    later = envelope({"you": COOKIE, "host": "flow-1.example", "path": "/v1"})
    with FlowClient(plugins=[Replay(path), Server(first, later)]) as flow:
        flow.tag.list()
        flow.tag.list()
    assert_clean(tmp_path, COOKIE)
    assert "flow-1.example" in path.read_text()


def test_a_credential_is_taken_out_of_what_was_recorded_before_it_was_known(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    answers = [envelope({"id": TOKEN}), envelope({}), envelope({"id": TOKEN})]
    with FlowClient(plugins=[Replay(path), Server(*answers)]) as flow:
        flow.tag.list()  # an identifier like any other, until it is sent as a credential
        headers = {"Content-Type": JSON, "Authorization": f"Bearer {TOKEN}"}
        flow.send("tag.list", {}, flow.request("tag.list", body=b"{}", headers=headers))
        flow.tag.list()
    assert_clean(tmp_path, TOKEN)
    assert path.read_text().count("<scrubbed>") == 3


def test_a_token_that_a_login_answered_is_replayed_as_it_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    answers = [envelope({"token": TOKEN}), envelope({"hello": TOKEN})]
    for mode in MODES:
        with FlowClient(plugins=[Replay(path, mode), Server(*answers)]) as flow:
            token = flow.tag.list().data["token"]
            body = json.dumps({"tag_name": "gold", "as": token}).encode()
            request = flow.request("tag.create", body=body, headers={"Content-Type": JSON})
            assert flow.send("tag.create", {}, request).ok
    assert_clean(tmp_path, TOKEN)
