"""Multipart bodies, part by part, wherever the pieces of the body end."""

from __future__ import annotations

import hashlib

import pytest

from flowkit_replay.matching.multipart import LONGEST_HEAD, find_boundary, parse_parts

FILE = b"1,2\r\n--xx\r\n3,4\r\n" * 20
BODY = (
    b'--b\r\nContent-Disposition: form-data; name="role"\r\n\r\nguest\r\n'
    b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-8''l%C3%B6.csv\r\n"
    b"Content-Type: text/csv\r\n\r\n" + FILE + b"\r\n--b--\r\n"
)
PARTS = [("role", "", "guest"), ("file", "lö.csv", hashlib.sha256(FILE).hexdigest())]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 10_000])
def test_parts_are_found_wherever_the_pieces_end(step: int) -> None:
    pieces = (BODY[at : at + step] for at in range(0, len(BODY), step))
    assert list(parse_parts(pieces, b"b")) == PARTS


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ('multipart/form-data; boundary="a b"', b"a b"),
        ("Multipart/Form-Data; boundary=ab; charset=utf-8", b"ab"),
        ("multipart/form-data", None),
        ("application/json; boundary=ab", None),
    ],
)
def test_the_boundary_stands_in_the_content_type(content_type: str, boundary: bytes | None) -> None:
    assert find_boundary(content_type) == boundary


def test_what_is_no_form_has_no_parts() -> None:
    assert list(parse_parts([b"no form"], b"b")) == []
    assert list(parse_parts([b"--b\r\n", b"x" * (LONGEST_HEAD + 1)], b"b")) == []
