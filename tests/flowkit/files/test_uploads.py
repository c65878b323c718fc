"""The multipart body: its bytes, its size, its memory, and files that change."""

from __future__ import annotations

import io
import os
import tracemalloc
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from flowkit import ArgumentError, ManualClock
from flowkit.files.uploads import MultipartBody, ProgressLine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "loan.csv"
    file.write_bytes(b"id,y\r\n1,0\r\n")
    return file


def test_the_bytes_of_a_form(file: Path) -> None:
    body = MultipartBody(file, {"role": "guest"}, boundary="frontier")
    assert b"".join(body) == (
        b'--frontier\r\nContent-Disposition: form-data; name="role"\r\n\r\nguest\r\n'
        b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="loan.csv"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n"
        b"id,y\r\n1,0\r\n\r\n--frontier--\r\n"
    )
    assert body.content_type == "multipart/form-data; boundary=frontier"


def test_the_length_is_known_and_the_body_can_be_sent_again(file: Path) -> None:
    body = MultipartBody(file, {"a": "ü"})
    first, second = b"".join(body), b"".join(body)
    assert first == second
    assert len(first) == body.length


def test_boundaries_differ(file: Path) -> None:
    assert MultipartBody(file).boundary != MultipartBody(file).boundary


def test_a_part_without_a_type(file: Path) -> None:
    assert b"Content-Type" not in b"".join(MultipartBody(file, content_type=None))


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("guest#9999#a b.zip", b"guest#9999#a b.zip"),
        ("客户.csv", "客户.csv".encode()),
        ('a"b\r\nc.csv', b"a%22b%0D%0Ac.csv"),
        (os.fsdecode(b"caf\xe9.csv"), b"caf\xe9.csv"),
    ],
)
def test_file_names_stay_within_their_quotes(tmp_path: Path, name: str, sent: bytes) -> None:
    (tmp_path / name).write_bytes(b"x")
    body = MultipartBody(tmp_path / name, boundary="frontier")
    assert b'filename="' + sent + b'"\r\n' in b"".join(body)


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    body = MultipartBody(tmp_path / "empty.csv")
    parsed = message_from_bytes(
        f"Content-Type: {body.content_type}\r\n\r\n".encode() + b"".join(body)
    )
    parts: Any = parsed.get_payload()
    assert [part.get_payload(decode=True) for part in parts] == [b""]


def test_a_large_file_takes_no_memory(tmp_path: Path) -> None:
    large, size = tmp_path / "large.csv", 256 * 1024 * 1024
    with large.open("wb") as stream:
        stream.truncate(size)
    body = MultipartBody(large)
    tracemalloc.start()
    sent = sum(len(piece) for piece in body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent == body.length > size
    assert peak < 1024 * 1024


@pytest.mark.parametrize("missing", ["nosuch.csv", "."])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ArgumentError, match=r"cannot be read|is not a regular file"):
        MultipartBody(tmp_path / missing)


def test_a_file_that_is_gone(file: Path) -> None:
    body = MultipartBody(file)
    file.unlink()
    with pytest.raises(ArgumentError, match="cannot be read any more: No such file"):
        list(body)


def test_a_file_that_shrinks(file: Path) -> None:
    body = MultipartBody(file)
    file.write_bytes(b"id,y")
    with pytest.raises(ArgumentError, match="shrank by 7 of its 11 bytes while it was being sent"):
        list(body)


def test_a_file_that_grows_never_gets_its_end(file: Path) -> None:
    body, sent = MultipartBody(file, boundary="frontier"), list[bytes]()
    with file.open("ab") as stream:
        stream.write(b"2,1\r\n")
    with pytest.raises(ArgumentError, match="grew beyond the 11 bytes"):
        sent.extend(body)
    assert sent
    assert b"--frontier--" not in b"".join(sent)


def test_progress_ends_at_the_whole(file: Path) -> None:
    seen: list[tuple[int, int]] = []
    body = MultipartBody(file, progress=lambda done, total: seen.append((done, total)))
    list(body)
    assert seen[-1] == (body.length, body.length)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_progress_line_is_redrawn_ten_times_a_second_at_most() -> None:
    clock, terminal = ManualClock(), Terminal()
    line = ProgressLine("loan.csv", clock, terminal)
    for done in range(0, 2_000_001, 1000):
        clock.advance(0.0005)
        line(done, 2_000_000)
    drawn = terminal.getvalue()
    assert 9 <= drawn.count("\r") <= 12
    assert drawn.endswith("\ruploading loan.csv: 100 % (2.0 of 2.0 MB)\n")


def test_without_a_terminal_only_the_end_is_told() -> None:
    stream = io.StringIO()
    line = ProgressLine("loan.csv", ManualClock(), stream)
    line(1, 2)
    line(2, 2)
    assert stream.getvalue() == "uploading loan.csv: 100 % (0.0 of 0.0 MB)\n"
