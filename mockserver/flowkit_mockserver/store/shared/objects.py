"""An object storage, or a directory, that several workers reach by URL: pieces of tables and files, through fsspec."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from flowkit_mockserver.store.errors import NotStored, StateDamaged, StoreUnreachable

__all__ = ["ObjectStorage", "Reference", "Storage", "public_address"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a database has of an object.

    Attributes:
        name: its name in the storage.
        size: how many bytes it has.
        digest: their SHA-256, in hexadecimal digits.
    """

    name: str
    size: int
    digest: str


class Storage(Protocol):
    """Objects by name, each written once."""

    @property
    def name(self) -> str:
        """How messages call it; never with credentials."""

    def put(self, name: str, data: bytes) -> Reference:
        """Write an object, all of it, and return what to remember of it.

        Raises:
            NotStored: it is full.
            StoreUnreachable: it cannot be used now.
        """

    def get(self, reference: Reference) -> bytes:
        """Return an object.

        Raises:
            StateDamaged: it is not there, or not as it was written.
            StoreUnreachable: the storage cannot be used now.
        """

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""

    def names(self, prefix: str) -> list[str]:
        """Return the names of the objects below a prefix."""


class ObjectStorage:
    """Objects below a URL of fsspec, such as ``file:///mnt/shared`` or ``s3://bucket/folder``.

    Args:
        address: the URL. Credentials are better left to the environment, where the library of the storage finds them.

    Raises:
        ValueError: it is none, or the library for it is not installed; the text shows no credentials.
    """

    def __init__(self, address: str) -> None:
        self._name = public_address(address)
        try:
            import fsspec
        except ModuleNotFoundError as error:
            text = f"a storage needs the extra: pip install 'fate-flowkit[storage]' ({error})"
            raise ValueError(text) from None
        self._secrets = [part for part in _secrets(address) if part]
        try:
            self._fs, root = fsspec.core.url_to_fs(address)
        except ImportError as error:
            raise ValueError(f"the storage {self._name} needs a library: {error}") from None
        # Each library has exceptions of its own for addresses that it does not take.
        except Exception as error:
            text = f"the storage {self._name} cannot be used: {self._reason(error)}"
            raise ValueError(text) from None
        self._root = str(root).rstrip("/")
        self._local = self._fs.protocol in ("file", ("file", "local"))
        self._made: set[str] = set()

    @property
    def name(self) -> str:
        """How messages call it; never with credentials."""
        return self._name

    def __repr__(self) -> str:
        return f"<ObjectStorage {self._name}>"

    def put(self, name: str, data: bytes) -> Reference:
        """Write an object; see `Storage`."""
        path = self._path(name)
        folder = path.rpartition("/")[0]
        with self._errors():
            if folder not in self._made:
                self._fs.makedirs(folder, exist_ok=True)
                self._made.add(folder)
            with self._fs.open(path, "wb") as file:
                file.write(data)
                if self._local:  # others have it on a disk when they say so
                    file.flush()
                    os.fsync(file.fileno())
        return Reference(name, len(data), hashlib.sha256(data).hexdigest())

    def get(self, reference: Reference) -> bytes:
        """Return an object; see `Storage`."""
        try:
            with self._errors():
                data = bytes(self._fs.cat_file(self._path(reference.name)))
        except FileNotFoundError:
            raise StateDamaged(self._damage(reference, "is missing")) from None
        if len(data) != reference.size:
            problem = f"has {len(data)} bytes in place of {reference.size}"
            raise StateDamaged(self._damage(reference, problem))
        if hashlib.sha256(data).hexdigest() != reference.digest:
            raise StateDamaged(self._damage(reference, "has other bytes than were written"))
        return data

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        try:
            with self._errors():
                self._fs.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def names(self, prefix: str) -> list[str]:
        """Return the names of the objects below a prefix."""
        start = len(self._root) + 1
        try:
            with self._errors():
                self._fs.invalidate_cache()
                return [str(path)[start:] for path in self._fs.find(self._path(prefix))]
        except FileNotFoundError:
            return []

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _damage(self, reference: Reference, problem: str) -> str:
        return (
            f"the object {reference.name} in {self._name} {problem}: put it back from a copy, or send again"
            " what it was part of"
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what libraries raise into errors of the store; a file that is not there stays what it is."""
        try:
            yield
        except FileNotFoundError:
            raise
        # Each library has exceptions of its own for a storage that cannot be reached.
        except Exception as error:
            reason = self._reason(error)
            if isinstance(error, OSError) and error.errno in _FULL:
                raise NotStored(f"the storage {self._name} is full: {reason}") from None
            raise StoreUnreachable(f"the storage {self._name} cannot be used: {reason}") from None

    def _reason(self, error: Exception) -> str:
        text = " ".join(str(error).split()) or type(error).__name__
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


def _secrets(address: str) -> list[Any]:
    parts = urlsplit(address)
    return [parts.username, parts.password, parts.query]


def public_address(address: str) -> str:
    """Return the URL of a storage without credentials and options.

    Raises:
        ValueError: it is no URL; the text does not show it.
    """
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        parts, host = urlsplit(""), ""
    if not parts.scheme:
        raise ValueError("storage must be a URL such as file:///mnt/shared or s3://bucket/folder")
    return f"{parts.scheme}://{host}{parts.path}"
