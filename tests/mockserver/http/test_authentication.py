"""What a server that demands credentials answers: the contract's vectors, and its refusals in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from flowkit import ManualClock, OperationError, Request, hookimpl
from flowkit_auth import Auth, Bearer
from flowkit_mockserver import MockServer
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.authentication import examine, from_environment
from flowkit_mockserver.settings import Demand

NOW = 1717171717.171
FORM = {
    "role": "guest",
    "party_id": "2",
    "model_id": "arbiter-1#guest-2#host-3#model",
    "model_version": "20210601",
    "force_update": "0",
}
BODY = b'{"job_id": "202106010203040506070"}'
LATE = "TIMESTAMP is more than 60 seconds away from the server time"
MISSING = "requirement headers parameters: ['TIMESTAMP', 'NONCE', 'APP_KEY', 'SIGNATURE']"
GOOD = {
    "TIMESTAMP": "1717171717171",
    "NONCE": "5c6e7a10-0000-11ee-be56-0242ac120002",
    "APP_KEY": "demo-app",
    "SIGNATURE": "XQAGZU3AleYZ1AQKKstMmU78ZPU=",
}


def ask(line: Literal["1.7", "1.9"] = "1.9", now: float = NOW, **changed: Any) -> None:
    headers = {name: value for name, value in (GOOD | changed).items() if value is not None}
    demand = Demand("hmac", "demo-app", "demo-secret", line)
    examine(demand, headers, "/v1/job/query", BODY, {}, now)


@pytest.mark.parametrize(
    ("target", "body", "form", "signature"),
    [
        ("/v1/job/query", BODY, {}, "XQAGZU3AleYZ1AQKKstMmU78ZPU="),
        ("/v1/job/clean/queue", b"", {}, "9T7V2MsmIveBq3MI4bSA3GBriaQ="),
        ("/v1/job/clean/queue?", b"{}", {}, "9T7V2MsmIveBq3MI4bSA3GBriaQ="),
        ("/v1/model/import", b"", FORM, "apGq6IXYp1zymqeggb0U0iwnRuU="),
    ],
)
def test_the_contracts_signatures_are_good(
    target: str, body: bytes, form: dict[str, str], signature: str
) -> None:
    demand = Demand("hmac", "demo-app", "demo-secret")
    headers = GOOD | {"SIGNATURE": signature}
    examine(demand, headers, target, body, form, NOW)


def test_a_replay_within_a_minute_is_accepted_as_there_is_no_memory_of_nonces() -> None:
    ask()
    ask(now=NOW + 59.9)


@pytest.mark.parametrize(
    ("changed", "early", "late"),
    [
        ({"NONCE": None}, (401, "Unauthorized"), MISSING),
        ({"SIGNATURE": ""}, (401, "Unauthorized"), MISSING),
        ({"TIMESTAMP": "soon"}, (400, "Invalid TIMESTAMP"), "Invalid TIMESTAMP"),
        ({"now": NOW + 60}, (425, LATE), LATE),
        ({"now": NOW - 60}, (425, LATE), LATE),
        ({"APP_KEY": "other"}, (401, "Unknown APP_KEY"), "Unknown APP_KEY"),
        ({"SIGNATURE": "wrong"}, (403, "Forbidden"), "signature authentication failed"),
        ({"NONCE": "other"}, (403, "Forbidden"), "signature authentication failed"),
    ],
)
def test_refusals_are_those_of_the_servers_line(
    changed: dict[str, Any], early: tuple[int, str], late: str
) -> None:
    status, text = early
    with pytest.raises(HttpRefusal) as refused:
        ask("1.7", **changed)
    assert (refused.value.code, refused.value.retmsg) == (status, text)
    with pytest.raises(Refusal) as refusal:
        ask("1.9", **changed)
    assert (refusal.value.retcode, refusal.value.retmsg) == (109, late)


def test_json_and_a_form_at_once_are_refused_by_1_7_only() -> None:
    def send(line: Literal["1.7", "1.9"]) -> None:
        demand = Demand("hmac", "demo-app", "demo-secret", line)
        examine(demand, GOOD, "/v1/job/query", BODY, {"a": "b"}, NOW)

    with pytest.raises(HttpRefusal, match="Bad Request"):
        send("1.7")
    with pytest.raises(Refusal) as refusal:
        send("1.9")
    assert refusal.value.retcode == 109


@pytest.mark.parametrize(
    ("scheme", "header"), [("bearer", "Bearer hush"), ("basic", "Basic YW5uOmh1c2g=")]
)
def test_a_gateways_credentials_are_checked_too(scheme: Any, header: str) -> None:
    demand = Demand(scheme, "ann", "hush")
    examine(demand, {"Authorization": header}, "/", b"", {}, NOW)
    for wrong in ({}, {"Authorization": header + "x"}):
        with pytest.raises(HttpRefusal, match="Unauthorized") as refused:
            examine(demand, wrong, "/", b"", {}, NOW)
        assert refused.value.code == 401


DEMAND = Demand("hmac", "demo-app", "demo-secret")


@pytest.mark.parametrize("port", [None, 0])
def test_a_client_with_the_right_key_does_everything_and_others_nothing(
    port: int | None, tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("id,x\n1,2\n")
    conf = {
        "file": str(table),
        "head": 1,
        "partition": 1,
        "work_mode": 0,
        "namespace": "n",
        "table_name": "t",
    }
    with MockServer(port, require_auth=DEMAND) as mock:
        with mock.client(plugins=[Auth("demo-app", "demo-secret")]) as flow:
            flow.job.wait(flow.data.upload(conf).job_id)
            assert flow.table.info("n", "t").data["count"] == 1
            assert flow.queue.clean().ok
            assert flow.job.list(1).ok
        for plugins in ([], [Auth("demo-app", "wrong")], [Bearer("demo-secret")]):
            with mock.client(plugins=plugins) as flow, pytest.raises(OperationError) as caught:
                flow.tag.list()
            assert caught.value.retcode == 109


def test_a_stale_signature_is_refused_and_a_replayed_one_is_not() -> None:
    class Replays:
        """Sends with the signature of the first request."""

        headers: dict[str, str] | None = None

        @hookimpl(trylast=True)
        def flowkit_sign(self, request: Request) -> None:
            self.headers = self.headers or dict(request.headers)
            request.headers.update(self.headers)

    clock = ManualClock(NOW)
    with MockServer(require_auth=DEMAND, clock=clock) as mock:
        plugins = [Auth("demo-app", "demo-secret", clock=clock), Replays()]
        with mock.client(plugins=plugins) as flow:
            assert flow.tag.list().ok
            clock.advance(59)
            assert flow.tag.list().ok
            clock.advance(1)
            with pytest.raises(OperationError, match="more than 60 seconds away"):
                flow.tag.list()


def test_the_command_takes_the_credentials_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(LookupError, match="FLOWKIT_APP_KEY and FLOWKIT_SECRET_KEY"):
        from_environment("hmac")
    monkeypatch.setenv("FLOWKIT_TOKEN", "hush")
    assert from_environment("bearer") == Demand("bearer", "", "hush")


def test_a_demand_does_not_show_its_secret() -> None:
    assert "hush" not in repr(Demand("basic", "ann", "hush"))
