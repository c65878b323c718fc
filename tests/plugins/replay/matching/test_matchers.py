"""What makes two requests the same."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flowkit_replay.matching.matchers import Canon, difference
from flowkit_replay.matching.requests import Asking


def asking(body: Any = None, **changes: Any) -> Asking:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    seen = Asking("POST", "/v1/job/query", "", "application/json", data)
    for name, value in changes.items():
        setattr(seen, name, value)
    return seen


def same(one: Asking, other: Asking, **settings: Any) -> bool:
    canon = Canon(**settings)
    return canon.key(one) == canon.key(other)


def test_json_matches_without_regard_to_the_order_of_keys() -> None:
    assert same(asking({"a": 1, "b": 2}), asking(b'{ "b": 2,\n "a": 1 }'))
    assert not same(asking({"a": 1}), asking({"a": 2}))
    assert not same(asking({"a": 1}), asking({"a": "1"}))


def test_settings_of_the_callers_machine_never_matter() -> None:
    conf = {"role": {"guest": [1]}}
    one = {"job_dsl": {}, "job_runtime_conf": {**conf, "conf_path": "/home/ada/conf.json"}}
    assert same(asking(one), asking({"job_dsl": {}, "job_runtime_conf": conf}))


def test_a_query_matches_by_its_fields_or_by_its_json() -> None:
    assert same(asking(query="a=1&b=2"), asking(query="b=2&a=1"))
    upload = {"file": "/data/loans.csv", "head": 1, "drop": 2, "verbose": 0}
    mine = {"head": 1, "file": "/home/ada/loans.csv", "drop": 0}
    assert same(
        asking(query=quote(json.dumps(upload))), asking(query=quote(json.dumps(mine), safe=""))
    )


def multipart(boundary: str, content: str, filename: str = "loans.csv") -> Asking:
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="role"\r\n\r\nguest\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n--{boundary}--\r\n"
    )
    return asking(body.encode(), content_type=f"multipart/form-data; boundary={boundary}")


def test_multipart_matches_by_its_parts_whatever_the_boundary() -> None:
    assert same(multipart("abc", "1,2"), multipart("xyz", "1,2"))
    assert not same(multipart("abc", "1,2"), multipart("abc", "1,3"))
    assert not same(multipart("abc", "1,2"), multipart("abc", "1,2", "other.csv"))


def test_the_host_and_the_headers_never_matter_but_method_and_path_do() -> None:
    assert not same(asking(), asking(method="GET"))
    assert not same(asking(), asking(path="/v1/job/stop"))
    assert same(asking({}), asking({}, content_type="application/json; charset=utf-8"))


def test_fields_can_be_ignored_and_matchers_chosen_or_added() -> None:
    assert same(asking({"limit": 1}), asking({"limit": 2}), ignored=frozenset({"limit"}))
    assert same(asking({"limit": 1}), asking({"limit": 2}), matchers=("method", "path"))
    own = {"size": lambda asked: len(asked.body)}
    assert not same(asking({"a": 1}), asking({"a": 10}), matchers=("size",), own=own)


def test_the_first_difference_is_told_path_by_path() -> None:
    assert difference({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}) == "a.b[1]: recorded 2, now 3"
    assert difference({"a": 1}, {}) == "a: recorded 1, not sent now"
    assert difference({}, {"a": 1}) == "a: 1 now, not recorded"
    assert difference([1], [1, 2]) == "list: 1 items recorded, 2 now"
    assert difference({"a": 1}, {"a": 1}) is None
