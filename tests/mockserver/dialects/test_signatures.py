"""How lines refuse what is not signed: recorded with Werkzeug 2.1 and 2.3."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit import ManualClock
from flowkit_mockserver import MockServer
from flowkit_mockserver.dialects.signatures import HEADER_NAMES, arrived, signature_rules
from flowkit_mockserver.settings import Demand

MISSING = {
    "retcode": 109,
    "retmsg": "requirement headers parameters: ['TIMESTAMP', 'NONCE', 'APP_KEY', 'SIGNATURE']",
}
BODY = b'{"job_id": "x"}'
NOW = 1_795_812_641


def signed(body: bytes = BODY, key: str = "APP_KEY", stamp: int = NOW) -> dict[str, str]:
    message = f"{stamp * 1000}\nn\ndemo\n/v1/job/query\n".encode() + body + b"\n"
    digest = base64.b64encode(hmac.new(b"hush", message, hashlib.sha1).digest()).decode()
    return {"TIMESTAMP": str(stamp * 1000), "NONCE": "n", key: "demo", "SIGNATURE": digest}


def ask(
    line: str | None, body: bytes, headers: dict[str, str], path: str = "/v1/job/query", **more: Any
) -> tuple[int, Any]:
    demand = Demand("hmac", "demo", "hush", line)
    with MockServer(fate_version="1.11.4", require_auth=demand, clock=ManualClock(NOW)) as mock:
        client: FlaskClient = mock.app.test_client()
        answer = client.post(
            path,
            data=body,
            headers=headers,
            content_type=more.get("content_type", "application/json"),
            environ_base={HEADER_NAMES: frozenset(name.lower() for name in headers)},
        )
        return answer.status_code, answer.get_json()


@pytest.mark.parametrize("path", ["/", "/v1/zz", "/v1/job/query", "/v1/model/export"])
def test_every_path_is_refused_without_a_signature(path: str) -> None:
    assert ask(None, BODY, {}, path) == (200, MISSING)


def test_paths_between_servers_are_not_signed() -> None:
    _, answer = ask(None, b"{}", {}, "/v1/party/1/zz/guest/1/status/running")
    assert answer == {"retcode": 100, "retmsg": "<NotFound '404: Not Found'>"}


@pytest.mark.parametrize(
    ("line", "key", "accepted"),
    [
        ("1.10", "APP_KEY", True),
        ("1.10", "APP-KEY", True),
        ("1.11", "APP_KEY", False),
        ("1.11", "APP-KEY", True),
        (None, "APP_KEY", False),
    ],
)
def test_a_header_with_an_underscore_never_reaches_1_11(
    line: str | None, key: str, accepted: bool
) -> None:
    found = {"data": [], "retcode": 0, "retmsg": "no job could be found"}
    assert ask(line, BODY, signed(key=key)) == (200, found if accepted else MISSING)


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"a": '])
def test_a_body_counts_when_it_is_true(body: bytes) -> None:
    wrong = {"retcode": 109, "retmsg": "signature authentication failed"}
    assert ask("1.10", body, signed(body))[1] == wrong
    assert ask("1.10", body, signed(b""))[1]["retcode"] != 109


def test_a_body_of_any_type_is_signed() -> None:
    _, answer = ask("1.10", BODY, signed(), content_type="text/plain")
    assert answer["retcode"] == 0


def test_the_first_lines_with_signatures_refuse_by_status() -> None:
    assert ask("1.8", BODY, {})[0] == 401
    assert ask("1.8", BODY, {}, "/v1/zz")[0] == 401


def test_a_header_arrives_unless_its_line_drops_it() -> None:
    rules = signature_rules("1.11")
    assert arrived("APP_KEY", "a", {"app_key"}, rules) == ""
    assert arrived("APP_KEY", "a", {"app-key"}, rules) == "a"
    assert arrived("APP_KEY", "a", None, rules) == "a"
    assert arrived("NONCE", "a", {"nonce"}, rules) == "a"
