"""The two styles of JSON, files, and what a body is taken for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import (
    decode_json,
    encode,
    error_response,
    file_response,
    request_json,
    success,
)

APP = Flask(__name__)


@pytest.fixture(autouse=True)
def in_a_request() -> Iterator[None]:
    with APP.test_request_context("/"):
        yield


def test_the_envelope_is_sorted_compact_ascii_and_ends_in_a_newline() -> None:
    answer = success({"b": 1, "a": {"ü": None}}, job_id="1", meta={"x": []})

    assert answer.get_data() == (
        b'{"data":{"a":{"\\u00fc":null},"b":1},"jobId":"1","meta":{"x":[]},'
        b'"retcode":0,"retmsg":"success"}\n'
    )
    assert answer.content_type == "application/json"


def test_what_is_none_is_left_out_and_what_is_empty_is_not() -> None:
    assert success().get_data() == b'{"retcode":0,"retmsg":"success"}\n'
    assert success([], meta={}).json == {"data": [], "meta": {}, "retcode": 0, "retmsg": "success"}


def test_the_order_of_keys_can_be_kept() -> None:
    answer = success([{"b": 1, "a": 2}], sort=False)

    assert answer.get_data() == b'{"retcode":0,"retmsg":"success","data":[{"b":1,"a":2}]}\n'


def test_data_that_is_encoded_already_makes_the_same_answer() -> None:
    rows = [{"b": 'quoted "text"', "a": 1}]

    assert success(encode(rows), job_id="1").get_data() == success(rows, job_id="1").get_data()


def test_an_error_answer_has_its_code_as_status_and_another_style() -> None:
    answer = error_response(210, "no data")

    assert answer.status_code == 210
    assert answer.get_data() == b'{"retmsg": "no data", "retcode": 210}'


@pytest.mark.parametrize("content", [b"content", io.BytesIO(b"content"), iter([b"con", b"tent"])])
def test_a_file_is_an_attachment_with_an_unquoted_name(content: Any) -> None:
    answer = file_response(content, "guest#9999#m.zip", "application/zip")

    assert b"".join(answer.iter_encoded()) == b"content"
    assert answer.headers["Content-Disposition"] == "attachment; filename=guest#9999#m.zip"


def test_an_open_file_is_sent_from_where_it_stands_and_its_length_told() -> None:
    file = io.BytesIO(b"skipped content")
    file.seek(8)

    answer = file_response(file, "f", "application/octet-stream")

    assert answer.content_length == 7
    assert b"".join(answer.iter_encoded()) == b"content"


def test_no_file_name_can_break_the_header() -> None:
    answer = file_response(b"", 'a"\r\nSet-Cookie: x=1;/ü', "application/zip")

    assert answer.headers["Content-Disposition"] == ("attachment; filename=a___Set-Cookie: x=1___")


@pytest.mark.parametrize(
    ("body", "content_type", "seen"),
    [
        ("{}", "application/json", {}),
        ("null", "application/json", None),
        ("[1]", "application/json; charset=utf-8", [1]),
        ('{"a":1}', "text/plain", None),
        ("", None, None),
    ],
)
def test_a_body_counts_only_with_the_content_type_of_json(
    body: str, content_type: str | None, seen: Any
) -> None:
    with APP.test_request_context("/", method="POST", data=body, content_type=content_type):
        assert request_json() == seen


@pytest.mark.parametrize("body", ["", "{", b"\xff"])
def test_a_malformed_body_is_a_bad_request(body: str | bytes) -> None:
    with (
        APP.test_request_context("/", method="POST", data=body, content_type="application/json"),
        pytest.raises(BadRequest),
    ):
        request_json()


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"[" * 101 + b"]" * 101, b'{"a":' * 500 + b"1" + b"}" * 500],
)
def test_json_that_is_nested_too_deeply_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal, match="recursion depth"):
        decode_json(content)


def test_json_may_be_nested_as_deeply_as_anybody_needs() -> None:
    assert decode_json(b"[" * 100 + b"]" * 100)
    assert decode_json(b'"' + b"[" * 1000 + b'"') == "[" * 1000


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(Refusal, match="surrogates not allowed"):
        decode_json(b'{"name": "\\ud800"}')
    assert decode_json(b'"\\ud83d\\ude00"') == "\U0001f600"
    with pytest.raises(ValueError, match="utf-8"):
        decode_json(b'"\xed\xa0\x80"')
