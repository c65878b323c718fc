"""What makes two requests the same."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flowkit_replay.matching.matchers import RequestMatcher
from flowkit_replay.matching.requests import ComparedRequest

ORIGIN = "http://127.0.0.1:9380"
JSON = "application/json"


def request(
    body: Any = None,
    *,
    method: str = "POST",
    target: str = "/v1/job/query",
    content_type: str = JSON,
    origin: str = ORIGIN,
) -> ComparedRequest:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return ComparedRequest(method, origin, target, {"Content-Type": content_type}, data)


def same(one: ComparedRequest, other: ComparedRequest, **settings: Any) -> bool:
    matcher = RequestMatcher(**settings)
    return matcher.get_key(one) == matcher.get_key(other)


def test_json_matches_without_regard_to_the_order_of_keys() -> None:
    assert same(request({"a": 1, "b": 2}), request(b'{ "b": 2,\n "a": 1 }'))
    assert not same(request({"a": 1}), request({"a": 2}))
    assert not same(request({"a": 1}), request({"a": "1"}))


def test_settings_of_the_callers_machine_never_matter() -> None:
    conf = {"role": {"guest": [1]}}
    one = {"job_dsl": {}, "job_runtime_conf": {**conf, "conf_path": "/home/ada/conf.json"}}
    assert same(request(one), request({"job_dsl": {}, "job_runtime_conf": conf}))


def test_a_query_matches_by_its_fields_or_by_its_json() -> None:
    assert same(request(target="/v1/job/query?a=1&b=2"), request(target="/v1/job/query?b=2&a=1"))
    upload = {"file": "/data/loans.csv", "head": 1, "drop": 2, "verbose": 0}
    mine = {"head": 1, "file": "/home/ada/loans.csv", "drop": 0}
    assert same(
        request(target="/v1/data/upload?" + quote(json.dumps(upload))),
        request(target="/v1/data/upload?" + quote(json.dumps(mine), safe="")),
    )


def multipart(boundary: str, content: str, filename: str = "loans.csv") -> ComparedRequest:
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="role"\r\n\r\nguest\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n--{boundary}--\r\n"
    )
    return request(body.encode(), content_type=f"multipart/form-data; boundary={boundary}")


def test_multipart_matches_by_its_parts_whatever_the_boundary() -> None:
    assert same(multipart("abc", "1,2"), multipart("xyz", "1,2"))
    assert not same(multipart("abc", "1,2"), multipart("abc", "1,3"))
    assert not same(multipart("abc", "1,2"), multipart("abc", "1,2", "other.csv"))


def test_the_host_and_the_headers_never_matter_but_method_and_path_do() -> None:
    assert not same(request(), request(method="GET"))
    assert not same(request(), request(target="/v1/job/stop"))
    assert same(request({}), request({}, content_type="application/json; charset=utf-8"))


def test_fields_can_be_ignored_and_matchers_chosen_or_added() -> None:
    assert same(request({"limit": 1}), request({"limit": 2}), ignored=frozenset({"limit"}))
    assert same(request({"limit": 1}), request({"limit": 2}), matchers=("method", "path"))
    own = {"size": lambda request: len(request.body)}
    assert not same(request({"a": 1}), request({"a": 10}), matchers=("size",), own=own)
