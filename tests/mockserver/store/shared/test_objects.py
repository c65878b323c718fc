"""An object storage by URL: whole objects, checked when they are read, and errors that show no credentials."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fsspec", reason="the extra storage is not installed")
pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
from flowkit_mockserver.store import NotStored, StateDamaged, StoreUnreachable
from flowkit_mockserver.store.shared.objects import ObjectStorage, Reference, public_address

DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of b"abc"


@pytest.fixture(params=["file", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    return ObjectStorage(f"{request.param}://{tmp_path}/objects")


def test_an_object_is_read_as_it_was_written(storage: ObjectStorage) -> None:
    reference = storage.put("state/worker/1", b"abc")
    assert reference == Reference("state/worker/1", 3, DIGEST)
    assert storage.get(reference) == b"abc"
    storage.put("state/worker/2", b"")
    storage.put("other/worker/1", b"x")
    assert sorted(storage.names("state")) == ["state/worker/1", "state/worker/2"]
    assert storage.names("absent") == []


def test_what_is_deleted_is_gone_and_may_be_deleted_again(storage: ObjectStorage) -> None:
    reference = storage.put("state/worker/1", b"abc")
    storage.delete(reference.name)
    storage.delete(reference.name)
    with pytest.raises(
        StateDamaged, match=r"state/worker/1 in \w+://.*/objects is missing: put it back"
    ):
        storage.get(reference)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ab", "has 2 bytes in place of 3"),
        (b"abd", "has other bytes than were written"),
    ],
)
def test_a_damaged_object_is_said_so(storage: ObjectStorage, content: bytes, words: str) -> None:
    reference = storage.put("state/worker/1", b"abc")
    storage.put("state/worker/1", content)
    with pytest.raises(StateDamaged, match=words):
        storage.get(reference)


def fail(error: Exception) -> Any:
    def act(*arguments: object, **named: object) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "raised", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), NotStored, "is full: .*No space left"),
        (PermissionError(errno.EACCES, "Permission denied"), StoreUnreachable, "Permission denied"),
        (RuntimeError("no route to key:s3cret"), StoreUnreachable, "cannot be used: no route to"),
    ],
)
def test_a_storage_that_fails_is_named_without_credentials(
    error: Exception, raised: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = ObjectStorage("memory://key:s3cret@/objects")
    monkeypatch.setattr(storage._fs, "open", fail(error))
    with pytest.raises(raised, match=words) as caught:
        storage.put("state/worker/1", b"abc")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(storage)
    assert caught.value.__cause__ is None


def test_addresses_show_no_credentials() -> None:
    assert public_address("s3://key:s3cret@bucket/a?token=x") == "s3://bucket/a"
    assert public_address("file:///mnt/shared") == "file:///mnt/shared"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mnt/shared", "storage must be a URL such as file:///mnt/shared"),
        ("nowhere://key:s3cret@host/a", "the storage nowhere://host/a cannot be used"),
    ],
)
def test_what_is_no_storage_is_refused(address: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        ObjectStorage(address)
    assert "s3cret" not in str(caught.value)
