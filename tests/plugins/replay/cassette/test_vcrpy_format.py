"""vcrpy's format: what other libraries and older versions recorded is read right and kept so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import vcr
import yaml

from flowkit_replay.cassette import files
from flowkit_replay.cassette.vcrpy_format import dump_entries, load_document, load_request
from recorded import interaction

OK = '{"data": [], "retcode": 0, "retmsg": "success"}'
REQUEST = """- request:
    body: {body}
    headers: {headers}
    method: POST
    uri: http://h:9380/v1/job/query
"""
RESPONSE = f"""  response:
    body: {{string: '{OK}'}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 200, message: OK}}
"""


def document(body: str = "'{}'", headers: str = "{}", response: str = RESPONSE) -> str:
    return f"interactions:\n{REQUEST.format(body=body, headers=headers)}{response}version: 1\n"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("null", b""),
        ("'{\"a\": 1}'", b'{"a": 1}'),
        ("!!binary |\n      AP8=", b"\x00\xff"),
        ("{job_id: '1', role: {guest: [10000]}}", b'{"job_id": "1", "role": {"guest": [10000]}}'),
        ("[{a: 1}, null, true]", b'[{"a": 1}, null, true]'),
        ("[]", b"[]"),
        ("7", b"7"),
        ("[!!binary YWI=, !!binary Yw==]", b"abc"),
        ("!!python/object/new:_io.BytesIO\n      state: !!python/tuple [!!binary YWI=]", b"ab"),
        (
            "!!python/object/apply:builtins.iter\n      args: [[!!binary YWI=, !!binary Yw==]]",
            b"abc",
        ),
    ],
)
def test_a_body_is_read_in_every_form_that_vcrpy_gives_it(body: str, read: bytes) -> None:
    (one,) = load_document(document(body)).interactions
    assert one.request_body == read


@pytest.mark.parametrize(
    "headers",
    [
        "{Content-Type: [application/json], X-Part: [a, b]}",
        "{Content-Type: application/json, X-Part: 'a, b'}",
        "{Content-Type: [!!binary YXBwbGljYXRpb24vanNvbg==], X-Part: [a, b]}",
    ],
)
def test_headers_are_lists_or_texts_or_binary(headers: str) -> None:
    (one,) = load_document(document(headers=headers)).interactions
    assert one.request_headers == {"Content-Type": "application/json", "X-Part": "a, b"}


FLAT = f"""  response:
    content: '{OK}'
    headers: {{Content-Type: [application/json]}}
    http_version: HTTP/1.1
    status_code: 201
"""


def test_what_vcrpy_up_to_5_recorded_around_httpx_is_read() -> None:
    (one,) = load_document(document(response=FLAT)).interactions
    assert (one.status, one.body) == (201, OK.encode())


@pytest.mark.parametrize(
    "text",
    [
        document("{job_id: '1', role: {guest: [10000]}}"),
        document("[1, {a: null}]"),
        document(response=FLAT),
        document(response=f"{RESPONSE}    url: http://h:9380/v1/job/query\n"),
        document(response=f"{RESPONSE}  recorded_at: today\n"),
        f"{document()}metadata: {{by: Ada}}\n",
    ],
    ids=["mapping", "list", "httpx", "aiohttp", "more in an entry", "metadata"],
)
def test_what_is_written_again_has_lost_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text)
    files.write(path, files.read(path))
    assert yaml.safe_load(path.read_text()) == yaml.safe_load(text)


def test_what_is_written_is_what_vcrpy_would_write(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [interaction(), interaction(body=b"\x00\xff"), interaction(request_body=b"")])
    requests, responses = vcr.cassette.FilesystemPersister.load_cassette(
        path, vcr.serializers.yamlserializer
    )
    cassette = {"requests": requests, "responses": responses}
    assert vcr.serialize.serialize(cassette, vcr.serializers.yamlserializer) == path.read_text()


def test_of_an_entry_the_request_can_be_read_alone() -> None:
    text = dump_entries([interaction("/v1/job/stop", request_body=b'{"job_id": "1"}')])
    one = load_request(text.partition("  response:")[0])
    assert (one.method, one.path, json.loads(one.request_body)) == (
        "POST",
        "/v1/job/stop",
        {"job_id": "1"},
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a list", "no key 'interactions'"),
        ("interactions: 3\nversion: 1", "'interactions' is not a list but of type int"),
        ("interactions: [3]\nversion: 1", "interaction 1 is not a mapping"),
        ("interactions: [{request: {method: GET, uri: a}}]\nversion: 1", "has no response"),
        ("interactions: [{request: {body: 1}, response: {}}]\nversion: 1", "without method or uri"),
        ("interactions: []\nversion: 2", "its version is 2, and only 1 is known"),
        (f"interactions: []\nversion: {'x' * 9999}", r"its version is 'x+\.\.\.x+', and only"),
        (
            "interactions: [{request: {method: GET, uri: a}, response: {headers: [x]}}]",
            "headers of its response: not a mapping but of type list",
        ),
        ("interactions: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("{unclosed", "did not find expected .* in line 2"),
    ],
)
def test_what_is_no_cassette_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        load_document(text)
