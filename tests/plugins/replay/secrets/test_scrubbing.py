"""Secrets are taken out of whatever is written."""

from __future__ import annotations

import json

import pytest

from flowkit_replay import Scrubber
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.secrets.scrubbing import BLOCK, TAIL

SECRET = "s3cr3t-Value/with+signs="


def interaction(**changes: object) -> Interaction:
    values: dict[str, object] = {
        "method": "POST",
        "uri": "http://127.0.0.1:9380/v1/job/query",
        "request_headers": {},
        "request_body": b"",
        "status": 200,
        "message": "OK",
        "headers": {},
        "body": b"{}",
    }
    return Interaction(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["app_key", "secret_key", "password", "db_password", "token", "apiKey"]
)
def test_a_field_of_json_is_recognised_by_its_name(name: str) -> None:
    body = json.dumps({"a": 1, "deep": [{name: SECRET}]})
    clean = json.loads(Scrubber().scrub_text(body))
    assert clean == {"a": 1, "deep": [{name: "<scrubbed>"}]}


def test_json_inside_json_is_seen_through() -> None:
    body = json.dumps(
        {
            "train_dsl": json.dumps({"password": 'quo"ted'}),
            "n": json.dumps(json.dumps({"token": SECRET})),
        }
    )
    clean = Scrubber().scrub_text(body)
    assert "quo" not in clean
    assert SECRET not in clean
    assert json.loads(json.loads(clean)["train_dsl"]) == {"password": "<scrubbed>"}


def test_fields_that_only_sound_alike_are_left_alone() -> None:
    body = (
        '{"key_length": 1024, "tokens": 3, "secretary": "Ann", "passed": true, "primary_key": "id"}'
    )
    assert Scrubber().scrub_text(body) == body


def test_a_query_loses_its_secrets_in_either_form() -> None:
    assert Scrubber().scrub_query("a=1&token=abc&b=2") == "a=1&token=<scrubbed>&b=2"
    assert "abc" not in Scrubber().scrub_query("%7B%22password%22%3A%20%22abc%22%7D")


def test_headers_are_recognised_by_their_name() -> None:
    clean = Scrubber().scrub_interaction(
        interaction(
            request_headers={
                "APP_KEY": "k",
                "SIGNATURE": "s",
                "Authorization": "Bearer abc",
                "Accept": "*/*",
            },
            headers={"Set-Cookie": ["session=abc"], "Content-Type": ["application/json"]},
        )
    )
    assert clean.request_headers["Accept"] == "*/*"
    assert {clean.request_headers[n] for n in ("APP_KEY", "SIGNATURE", "Authorization")} == {
        "<scrubbed>"
    }
    assert clean.headers == {"Set-Cookie": ["<scrubbed>"], "Content-Type": ["application/json"]}


def test_a_form_field_of_a_multipart_body_is_recognised() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nabc def\r\n--x--\r\n'
    assert b"abc" not in Scrubber().scrub_body(body)
    assert Scrubber().scrub_body(body).endswith(b"<scrubbed>\r\n--x--\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization was Bearer abcdef1234567890",
        "AKIAIOSFODNN7EXAMPLE",
        "mysql://ada:hunter22@db/flow",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter22\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_known_shapes_are_recognised_anywhere(text: str) -> None:
    clean = Scrubber().scrub_text(text)
    assert "<scrubbed>" in clean
    for secret in ("abcdef1234567890", "AKIAIOSFODNN7EXAMPLE", "hunter22"):
        assert secret not in clean


def test_listed_values_are_removed_from_binary_bodies_too() -> None:
    body = b"\xff\xfe" + SECRET.encode() + b"\x00"
    assert SECRET.encode() not in Scrubber(secrets=[SECRET]).scrub_body(body)


def test_a_rule_can_be_left_out_by_name_and_a_wrong_name_is_reported() -> None:
    assert "abc" in Scrubber(without=["fields"]).scrub_text('{"password": "abc"}')
    with pytest.raises(ValueError, match="no scrubbing rule 'feilds'; there are: headers, fields"):
        Scrubber(without=["feilds"])


def test_the_report_counts_what_each_rule_took() -> None:
    scrubber = Scrubber(secrets=["hush"])
    scrubber.scrub_text('{"password": "a", "token": "b", "note": "hush"}')
    assert scrubber.report == {"fields": 2, "secrets": 1}


@pytest.mark.parametrize("end", [b"y", b"\n"])
@pytest.mark.parametrize("secret", ['se"cret\\k3y & more', "hunter2hunter2", "two\nlines of a key"])
def test_no_block_ends_within_a_listed_secret(secret: str, end: bytes) -> None:
    planted = secret.encode()
    filler = (b"x" * 99 + end) * 11_000
    for place in (BLOCK, BLOCK - TAIL):
        for at in range(place - len(planted), place + 1, 3):
            body = filler[:at] + planted + filler[at:]
            clean = b"".join(Scrubber(secrets=[secret]).scrub_pieces([body]))
            assert clean == filler[:at] + b"<scrubbed>" + filler[at:]
