"""Files by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver.store import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def test_a_file_can_be_written_read_and_deleted(blobs: Blobs) -> None:
    blobs.write("guest#9999#model_1.zip", b"content")

    assert "guest#9999#model_1.zip" in blobs
    assert list(blobs) == ["guest#9999#model_1.zip"]
    assert blobs.read("guest#9999#model_1.zip") == b"content"
    with blobs.open("guest#9999#model_1.zip") as file:
        assert file.read() == b"content"
    blobs.delete("guest#9999#model_1.zip")
    assert "guest#9999#model_1.zip" not in blobs


@pytest.mark.parametrize("name", ["../escape", "a/b", "..", ".", ".new-x", "ü %2F"])
def test_no_name_leads_out_of_the_directory(blobs: Blobs, tmp_path: Path, name: str) -> None:
    path = blobs.write(name, b"x")

    assert path.parent == tmp_path / "blobs"
    assert list(blobs) == [name]
    assert [entry.name for entry in tmp_path.iterdir()] == ["blobs"]


def test_a_file_is_replaced_as_a_whole_or_not_at_all(blobs: Blobs, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is full")

    blobs.write("model", b"old")
    with pytest.raises(OSError, match="full"):
        blobs.write("model", broken())

    assert blobs.read("model") == b"old"
    assert len(list((tmp_path / "blobs").iterdir())) == 1
