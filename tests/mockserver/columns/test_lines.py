"""Uploaded lines become rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.columns.lines import UploadLines


def lines(tmp_path: Path, content: str | bytes, *, head: bool = False) -> UploadLines:
    path = tmp_path / "upload.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return UploadLines(path, head)


def test_the_first_field_is_the_key_and_the_rest_stays_text(tmp_path: Path) -> None:
    assert list(lines(tmp_path, "1,a,b\n2\n3,\n")) == [("1", "a,b"), ("2", ""), ("3", "")]


def test_white_space_at_the_end_of_a_line_is_dropped(tmp_path: Path) -> None:
    assert list(lines(tmp_path, "1,a \r\n 2,b\t\n")) == [("1", "a"), (" 2", "b")]


def test_an_empty_line_is_a_row_with_an_empty_key(tmp_path: Path) -> None:
    assert list(lines(tmp_path, "1,a\n\n")) == [("1", "a"), ("", "")]


def test_a_head_names_the_columns_and_is_no_row(tmp_path: Path) -> None:
    uploaded = lines(tmp_path, "id, y,x0 \n1,0,0.5\n", head=True)

    assert uploaded.schema == {"sid": "id", "header": "y,x0"}
    assert list(uploaded) == [("1", "0,0.5")]


def test_without_a_head_there_are_no_names(tmp_path: Path) -> None:
    assert lines(tmp_path, "1,a\n").schema == {}


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    assert lines(tmp_path, b"\xef\xbb\xbfid,x\n", head=True).schema["sid"] == "\ufeffid"


def test_a_file_can_be_gone_through_again(tmp_path: Path) -> None:
    uploaded = lines(tmp_path, "1,a\n")

    assert list(uploaded) == list(uploaded)


def test_what_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnicodeDecodeError):
        list(lines(tmp_path, b"1,\xff\n"))


def test_numbered_lines_have_a_key_of_their_own_and_keep_their_first_field(tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_text("id,y,x0\n133,1,0.25\n273,1,-1\n", encoding="utf-8")

    uploaded = UploadLines(path, head=True, numbered="b182f9ee")

    assert uploaded.schema == {"sid": "extend_sid", "header": "id,y,x0"}
    assert list(uploaded) == [("b182f9ee0", "133,1,0.25"), ("b182f9ee1", "273,1,-1")]


def test_numbered_lines_without_a_head_have_a_name_for_the_key_alone(tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_text("133,1\n", encoding="utf-8")

    uploaded = UploadLines(path, head=False, numbered="")

    assert uploaded.schema == {"sid": "extend_sid", "header": ""}
    assert list(uploaded) == [("0", "133,1")]


def test_the_first_rows_come_as_they_stand_in_the_file(tmp_path: Path) -> None:
    found = lines(tmp_path, "id,x\n9,a\n10,b \n1,c\n", head=True)

    assert found.first(2) == [("9", "a"), ("10", "b")]
    numbered = UploadLines(found.path, True, numbered="k")
    assert numbered.first(5) == [("k0", "9,a"), ("k1", "10,b"), ("k2", "1,c")]
