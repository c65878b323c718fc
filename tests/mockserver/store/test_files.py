"""Uploaded files that jobs wait for: in the spool, wherever that is."""

from __future__ import annotations

from pathlib import Path

from flowkit_mockserver.store.files import LocalFiles, pieces


def test_a_file_stays_where_it_is(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    path = tmp_path / "sent"
    path.write_bytes(b"1,2\n")

    files.put(path)
    files.keep(path)

    assert files.find(path) == path
    files.drop(path)
    assert path.exists()


def test_a_file_is_found_although_the_directory_has_moved(tmp_path: Path) -> None:
    (tmp_path / "sent").write_bytes(b"1,2\n")

    assert LocalFiles(tmp_path).find(Path("/somewhere/else/sent")) == tmp_path / "sent"


def test_a_large_file_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * (3 * 1024 * 1024 + 1))

    assert [len(piece) for piece in pieces(path)] == [1024 * 1024] * 3 + [1]
