"""Credentials: signatures by FATE Flow's own vectors, tokens that are renewed, passwords; all kept quiet."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, ManualClock, PluginError, Request
from flowkit_auth import Auth, Basic, Bearer, Secret, Token, signature

#: Requests to a FATE Flow 1.11.2, with the signatures that it accepted or refused.
RECORDED = json.loads(Path(__file__).with_name("signatures.json").read_text(encoding="utf-8"))
KEY, SECRET = "demo-app", "demo-secret"
STAMP, NONCE = "1717171717171", "5c6e7a10-0000-11ee-be56-0242ac120002"
FORM = {
    "role": "guest",
    "party_id": "2",
    "model_id": "arbiter-1#guest-2#host-3#model",
    "model_version": "20210601",
    "force_update": "0",
}


@pytest.fixture
def auth() -> Auth:
    return Auth(KEY, SECRET, clock=ManualClock(1717171717.171), nonce=lambda: NONCE)


def signed(auth: object, request: Request) -> dict[str, str]:
    """Return the headers of a request that went through a client with this plugin."""
    server = Server()
    flow = FlowClient(plugins=[auth, server])
    flow.send("tag.list", {}, request)
    return server.requests[0].headers


def test_a_json_request_is_signed_as_in_the_contract(auth: Auth) -> None:
    request = Request(
        "POST",
        "http://127.0.0.1:9380",
        "/v1/job/query",
        headers={"Content-Type": "application/json"},
        body=b'{"job_id": "202106010203040506070"}',
    )
    headers = signed(auth, request)
    assert headers["SIGNATURE"] == "XQAGZU3AleYZ1AQKKstMmU78ZPU="
    assert (headers["TIMESTAMP"], headers["NONCE"], headers["APP-KEY"]) == (STAMP, NONCE, KEY)


def test_a_request_without_a_body_is_signed_as_in_the_contract(auth: Auth) -> None:
    request = Request("POST", "http://127.0.0.1:9380", "/v1/job/clean/queue")
    assert signed(auth, request)["SIGNATURE"] == "9T7V2MsmIveBq3MI4bSA3GBriaQ="


def test_a_form_is_signed_by_its_fields_without_the_file(auth: Auth) -> None:
    class File:
        length = 4

        def __iter__(self):  # type: ignore[no-untyped-def]
            yield b"file"

    request = Request("POST", "http://127.0.0.1:9380", "/v1/model/import", body=File(), form=FORM)
    assert signed(auth, request)["SIGNATURE"] == "apGq6IXYp1zymqeggb0U0iwnRuU="


def test_the_query_is_part_of_the_target() -> None:
    request = Request("POST", "http://flow", "/v1/data/upload", query="%7B%22file%22%3A%22a%22%7D")
    expected = signature(SECRET, (STAMP, NONCE, KEY), "/v1/data/upload?%7B%22file%22%3A%22a%22%7D")
    plugin = Auth(KEY, SECRET, clock=ManualClock(1717171717.171), nonce=lambda: NONCE)
    assert signed(plugin, request)["SIGNATURE"] == expected


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(case["label"]))
def test_requests_are_signed_as_a_real_server_accepts_them(case: dict[str, Any]) -> None:
    path, _, query = case["target"].partition("?")
    headers = {"Content-Type": case["content_type"]} if case["content_type"] else {}
    body, form = case["body"].encode() or None, case["form"]
    request = Request(case["method"], "http://flow", path, query, headers, body, form)
    clock = ManualClock(int(case["timestamp"]) / 1000)
    plugin = Auth("app-one", "secret-one", clock=clock, nonce=lambda: str(case["nonce"]))
    found = signed(plugin, request)
    assert (found["SIGNATURE"] == case["signature"]) is case["accepted"]
    assert "APP_KEY" not in found


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"0", b'""', b" {} ", b'{"a":'])
def test_a_body_that_python_takes_for_false_is_not_signed(auth: Auth, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    request = Request("POST", "http://flow", "/v1/job/clean/queue", headers=headers, body=body)
    assert signed(auth, request)["SIGNATURE"] == "9T7V2MsmIveBq3MI4bSA3GBriaQ="


def test_behind_a_gateway_the_signature_can_leave_the_base_path_out() -> None:
    server = Server()
    plugin = Auth(KEY, SECRET, clock=ManualClock(1717171717.171), nonce=lambda: NONCE, gateway=True)
    FlowClient("http://gateway/fate", plugins=[plugin, server]).queue.clean()
    assert server.requests[0].path == "/fate/v1/job/clean/queue"
    assert server.requests[0].headers["SIGNATURE"] == "9T7V2MsmIveBq3MI4bSA3GBriaQ="


def test_the_time_stamp_comes_from_the_clients_clock_and_no_nonce_comes_twice() -> None:
    server = Server()
    flow = FlowClient(plugins=[Auth(KEY, SECRET), server], clock=ManualClock(1_700_000_000.0))
    flow.queue.clean()
    flow.queue.clean()
    first, second = (request.headers for request in server.requests)
    assert first["TIMESTAMP"] == second["TIMESTAMP"] == "1700000000000"
    assert first["NONCE"] != second["NONCE"]


def test_keys_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_APP_KEY", "from-env")
    monkeypatch.setenv("FLOWKIT_SECRET_KEY", SECRET)
    assert signed(Auth(), Request("POST", "http://flow", "/v1/x"))["APP-KEY"] == "from-env"


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWKIT_SECRET_KEY", raising=False)
    with pytest.raises(PluginError, match="FLOWKIT_SECRET_KEY is not set"):
        Auth(KEY)


def test_a_secret_may_be_a_function_that_is_asked_each_time() -> None:
    secrets = iter(["one", "two"])
    server = Server()
    clock = ManualClock(1.0)
    plugin = Auth(KEY, lambda: next(secrets), clock=clock, nonce=lambda: NONCE)
    flow = FlowClient(plugins=[plugin, server])
    flow.queue.clean()
    flow.queue.clean()
    assert [request.headers["SIGNATURE"] for request in server.requests] == [
        signature(secret, ("1000", NONCE, KEY), "/v1/job/clean/queue") for secret in ("one", "two")
    ]


def test_bearer_fetches_once_and_again_when_the_token_is_old() -> None:
    tokens = iter(["one", "two"])
    server, clock = Server(), ManualClock()
    flow = FlowClient(plugins=[Bearer(lambda: next(tokens), refresh=60), server], clock=clock)
    for _ in range(2):
        flow.queue.clean()
    clock.advance(60)
    flow.queue.clean()
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == ["Bearer one", "Bearer one", "Bearer two"]


def jwt(expires: float) -> str:
    """Return a JSON web token that expires then, in seconds since the epoch."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, {"exp": expires}))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "x"])


@pytest.mark.parametrize(
    ("make", "seconds"),
    [
        (lambda name, now: Token(name, 300), 270),
        (lambda name, now: Token(name, 50), 40),
        (lambda name, now: {"access_token": name, "expires_in": 300}, 270),
        (lambda name, now: {"access_token": name, "expires_in": "300"}, 270),
        (lambda name, now: jwt(now + 300), 270),
    ],
)
def test_a_token_is_fetched_anew_before_it_expires(make: Any, seconds: int) -> None:
    clock, server, fetched = ManualClock(1_700_000_000.0), Server(), []

    def fetch() -> Any:
        fetched.append(make(f"token-{len(fetched)}", clock.now()))
        return fetched[-1]

    flow = FlowClient(plugins=[Bearer(fetch), server], clock=clock)
    flow.queue.clean()
    clock.advance(seconds - 1)
    flow.queue.clean()
    assert len(fetched) == 1
    clock.advance(1)
    flow.queue.clean()
    flow.queue.clean()
    assert len(fetched) == 2
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent[0] == sent[1] != sent[2] == sent[3]


@pytest.mark.parametrize("text", ["a.b.c", "no.dots", "a.e30.c", jwt(0).replace("x", "")])
def test_what_only_looks_like_a_web_token_does_not_expire_early(text: str) -> None:
    fetched: list[str] = []
    flow = FlowClient(plugins=[Bearer(lambda: fetched.append(text) or text), Server()])
    for _ in range(2):
        flow.queue.clean()
    assert len(fetched) == (2 if text.startswith("eyJ") else 1)


def test_a_token_that_was_fetched_for_its_identity_expires_too() -> None:
    clock, tokens = ManualClock(), iter(["one", "two"])
    plugin = Bearer(lambda: Token(next(tokens), 100))
    first = plugin.identity
    server = Server()
    flow = FlowClient(plugins=[plugin, server], clock=clock)
    flow.queue.clean()
    clock.advance(90)
    flow.queue.clean()
    assert [one.headers["Authorization"][-3:] for one in server.requests] == ["one", "two"]
    assert plugin.identity != first


def test_an_answer_of_a_token_endpoint_without_a_token_is_told() -> None:
    flow = FlowClient(plugins=[Bearer(lambda: {"error": "invalid_client"}), Server()])
    with pytest.raises(PluginError, match="the mapping has no access_token; it has error"):
        flow.queue.clean()


def test_a_token_shows_in_no_repr() -> None:
    assert SECRET not in repr(Token(SECRET, 300))


def test_a_secret_is_a_text_a_function_or_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT_KEY", "from the environment")
    assert Secret("given", "TENANT_KEY", "tenant").reveal() == "given"
    assert Secret(lambda: "fetched", "TENANT_KEY", "tenant").known == ()
    assert Secret(None, "TENANT_KEY", "tenant").reveal() == "from the environment"
    with pytest.raises(PluginError, match="tenant: nothing was given and OTHER_KEY is not set"):
        Secret(None, "OTHER_KEY", "tenant")


def test_a_refused_token_is_renewed_and_the_request_sent_once_more() -> None:
    tokens = iter(["stale", "fresh"])
    server = Server(envelope(status=401), envelope("done"))
    flow = FlowClient(plugins=[Bearer(lambda: next(tokens)), server])
    assert flow.queue.clean()["data"] == "done"
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == ["Bearer stale", "Bearer fresh"]


def test_a_request_that_is_refused_again_is_not_sent_a_third_time() -> None:
    server = Server(envelope(retcode=401, status=401))
    flow = FlowClient(plugins=[Bearer(lambda: "never good"), server], on_error="reply")
    assert flow.queue.clean()["retcode"] == 401
    assert len(server.requests) == 2


def test_a_fixed_token_is_not_sent_twice() -> None:
    server = Server(envelope(retcode=401, status=401))
    FlowClient(plugins=[Bearer("fixed"), server], on_error="reply").queue.clean()
    assert len(server.requests) == 1


def test_eight_threads_renew_a_refused_token_once() -> None:
    fetched: list[str] = []

    def fetch() -> str:
        fetched.append(f"token-{len(fetched)}")
        return fetched[-1]

    gate = Server(lambda _: envelope(status=200 if len(fetched) > 1 else 401))
    flow = FlowClient(plugins=[Bearer(fetch), gate])
    threads = [threading.Thread(target=flow.queue.clean) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == ["token-0", "token-1"]


def test_basic_sends_user_and_password() -> None:
    headers = signed(Basic("ann", "p:äss"), Request("POST", "http://flow", "/v1/x"))
    assert headers["Authorization"] == "Basic YW5uOnA6w6Rzcw=="


@pytest.mark.parametrize("bad", ["", "two\nlines", 7])
def test_what_no_header_can_hold_is_refused_without_being_shown(bad: object) -> None:
    flow = FlowClient(plugins=[Bearer(lambda: bad), Server()])  # type: ignore[arg-type,return-value]
    with pytest.raises(PluginError) as caught:
        flow.queue.clean()
    assert "two" not in str(caught.value)


@pytest.mark.parametrize("plugin", [Auth(KEY, SECRET), Bearer(SECRET), Basic("ann", SECRET)])
def test_secrets_show_in_no_repr_no_pickle_and_no_copy(plugin: object) -> None:
    assert SECRET not in repr(plugin)
    assert SECRET not in repr(vars(plugin))
    with pytest.raises(TypeError):
        pickle.dumps(plugin)
    with pytest.raises(TypeError):
        copy.deepcopy(plugin)


def test_nothing_above_the_wire_sees_a_credential() -> None:
    server = Server()
    flow = FlowClient(plugins=[Basic("ann", SECRET), server])
    request = Request("POST", "http://flow", "/v1/x")
    flow.send("tag.list", {}, request)
    assert "Authorization" not in request.headers
    assert "Authorization" in server.requests[0].headers


def test_identities_tell_owners_apart_and_hold_no_secret() -> None:
    plugins = [Auth(KEY, SECRET), Auth("other", SECRET), Bearer(SECRET), Basic(KEY, SECRET)]
    identities = [plugin.identity for plugin in plugins]
    assert len(set(identities)) == len(identities)
    assert not any(SECRET in identity or KEY in identity for identity in identities)
    tokens = iter(["one", "two"])
    renewed = Bearer(lambda: next(tokens), identity="ann")
    assert renewed.identity == Bearer("three", identity="ann").identity
