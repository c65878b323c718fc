"""What goes over the wire: requests that can be read again, responses that are read or streamed once."""

from __future__ import annotations

import json

import pytest

from flowkit import Request, Response


def test_a_request_knows_its_address_and_its_size() -> None:
    request = Request("POST", "http://h:1", "/v1/a", "b=1", body=b"12345")
    assert (request.target, request.url) == ("/v1/a?b=1", "http://h:1/v1/a?b=1")
    assert (request.content_length, request.read()) == (5, b"12345")
    assert Request("GET", "http://h:1", "/").content_length == 0


def test_the_headers_of_a_copy_are_its_own() -> None:
    request = Request("GET", "http://h", "/", headers={"A": "1"})
    request.copy().headers["B"] = "2"
    assert request.headers == {"A": "1"}


def test_a_response_that_was_read_can_be_read_again_and_streamed() -> None:
    closed: list[bool] = []
    response = Response(200, {}, iter([b"ab", b"cd"]), close=lambda: closed.append(True))
    assert response.streamed
    assert response.read() == response.read() == b"abcd"
    assert not response.streamed
    assert list(response.stream(3)) == [b"abc", b"d"]
    assert closed == [True]


@pytest.mark.parametrize(
    ("body", "value"), [(b'{"a": 1}', {"a": 1}), (b"<html>", None), (b"", None)]
)
def test_a_body_that_is_no_json_is_none(body: bytes, value: object) -> None:
    assert Response(200, {}, body).json() == value


def test_headers_are_found_without_regard_to_case() -> None:
    assert Response(200, {"Content-Type": "x"}).headers["content-type"] == "x"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 101 + "]" * 101,
        '{"a":' * 101 + "1" + "}" * 101,
        '["]",' * 101 + '"["' + ',"["]' * 101,  # brackets in texts take nothing away
        '["\\\\]",' * 101 + '"["' + ',"\\"["]' * 101,
        "[" + "[]," * 500 + "[" * 100 + "]" * 100 + ",[]" * 500 + "]",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32-be"])
def test_json_that_nests_deeper_than_a_hundred_levels_is_refused(text: str, encoding: str) -> None:
    response = Response(200, {}, text.encode(encoding))
    assert response.json() is None
    assert response.problem == "the JSON nests deeper than 100 levels"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100 + "]" * 100,
        "[" + ",".join(["[" * 98 + '"]["' + "]" * 98] * 30) + "]",
        json.dumps([{"a": "[" * 300, 'b"\\': ["\\", "]}" * 300]}] * 200),
        json.dumps(["\u5b22\u225d"] * 300, ensure_ascii=False),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_json_of_a_hundred_levels_is_taken_whatever_its_texts_hold(
    text: str, encoding: str
) -> None:
    assert Response(200, {}, text.encode(encoding)).json() == json.loads(text)


def test_the_repr_of_a_request_shows_no_headers_and_no_body() -> None:
    request = Request("POST", "http://h:1", "/v1/x", "", {"Authorization": "Bearer s3cret"}, b"pw")
    assert repr(request) == (
        "Request(method='POST', origin='http://h:1', path='/v1/x', query='', download=False)"
    )
