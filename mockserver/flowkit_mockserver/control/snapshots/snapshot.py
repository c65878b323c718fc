"""Snapshots: all that a server remembers as one file of text, which can be kept in a repository.

The file is JSON, one document or row of a table a line, so that changes show in a review. Equal states give equal
bytes. It has a version and a checksum, and no paths of a machine. A file is never trusted: it is tried on a state that
is thrown away before it takes the place of anything.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowkit.inputs.documents import read_whole_file
from flowkit_mockserver.clock import LAST_MOMENT

__all__ = ["FORMAT", "VERSION", "Snapshot", "SnapshotError"]

FORMAT = "flowkit-mock-snapshot"
#: The format that is written; older ones are read, newer ones refused.
VERSION = 1
#: The largest file that is read, unpacked.
MOST_BYTES = 4 * 1024**3
_GZIP = b"\x1f\x8b"
_CHECKSUM = "sha256:"
_PARTS: dict[str, type | tuple[type, ...]] = {
    "fate_version": str,
    "now": (int, float),
    "documents": dict,
    "rows": list,
    "files": dict,
    "uploads": list,
}


class SnapshotError(ValueError):
    """A snapshot cannot be read, or not be restored on this server; the text says why."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a server remembers: jobs, tables, models, tags, permissions and what else it keeps.

    Two are equal when they would be written alike. Failures that were ordered and the journal are not part of it.

    Attributes:
        content: the documents and rows as JSON values; not to be changed.
        trusted: whether this process took it.
    """

    content: dict[str, Any]
    trusted: bool = False

    @property
    def now(self) -> float:
        """The server's time when it was taken, in seconds since the epoch."""
        return float(self.content["now"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __repr__(self) -> str:
        counts = {name: len(entries) for name, entries in self.content["documents"].items()}
        shown = ", ".join(f"{counts.get(name, 0)} {name}" for name in ("jobs", "tables", "models"))
        return f"<Snapshot of {shown}>"

    def to_bytes(self) -> bytes:
        """Return the file: text in ASCII."""
        body = "".join(_lines(self.content)).encode()
        head = {"format": FORMAT, "version": VERSION, "checksum": _checksum(body)}
        start = "".join(
            f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items()
        )
        return b"{\n" + start.encode() + body + b"}\n"

    def save(self, path: str | Path) -> None:
        """Write the file, all of it or nothing; one whose name ends in ``.gz`` is compressed."""
        target = Path(path)
        data = self.to_bytes()
        if target.suffix == ".gz":
            data = gzip.compress(data, mtime=0)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # What mkstemp makes is for its user only; a file in a repository is not.
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: str | Path) -> Snapshot:
        """Return the snapshot in a file.

        Raises:
            OSError: the file cannot be read.
            SnapshotError: it is no snapshot, a damaged one, or of a newer version.
        """
        return cls.from_bytes(read_whole_file(path, any_size=True), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this") -> Snapshot:
        """Return the snapshot that `to_bytes` turned into bytes, or their compressed form.

        Args:
            data: the file.
            name: what it is called in error messages.

        Raises:
            SnapshotError: it is no snapshot, a damaged one, or of a newer version.
        """
        try:
            document = json.loads(_unpacked(data, name))
        except (ValueError, RecursionError) as error:
            if isinstance(error, SnapshotError):
                raise
            raise SnapshotError(f"{name} is no snapshot, or a damaged one: {error}") from error
        return cls.from_document(document, name)

    @classmethod
    def from_document(cls, document: Any, name: str = "this") -> Snapshot:
        """Return the snapshot that the JSON value of a file is; see `from_bytes`."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise SnapshotError(f"{name} is no snapshot of a mock server")
        version = document.get("version")
        if not isinstance(version, int) or version > VERSION:
            text = f"{name} is a snapshot of version {version!s:.20}, and this flowkit reads"
            raise SnapshotError(f"{text} up to {VERSION}: update flowkit")
        content = {part: document.get(part) for part in _PARTS}
        fault = _fault(content)
        if fault is None and document.get("checksum") != _checksum(
            "".join(_lines(content)).encode()
        ):
            fault = "its checksum does not fit"
        if fault is not None:
            raise SnapshotError(f"{name} is damaged: {fault}; take the snapshot again")
        return cls(content)


def _fault(content: dict[str, Any]) -> str | None:
    """Return which part of a content has not the form of one, None where all have."""
    for part, kind in _PARTS.items():
        if not isinstance(content[part], kind):
            return f"{part} is missing"
    if not 0 <= content["now"] <= LAST_MOMENT:
        return "now is no moment"
    fits = {
        "documents": all(
            isinstance(entries, list) and all(map(_is_entry, entries))
            for entries in content["documents"].values()
        ),
        "rows": all(
            isinstance(blocks, list) and all(map(_is_block, blocks)) for blocks in content["rows"]
        ),
        "files": all(isinstance(data, str) for data in content["files"].values()),
        "uploads": all(isinstance(data, str) for data in content["uploads"]),
    }
    return next((f"{part} has another form" for part, fit in fits.items() if not fit), None)


def _is_entry(entry: object) -> bool:
    """Return whether a value is the key of a document, and the document."""
    return (
        isinstance(entry, list | tuple)
        and len(entry) == 2
        and isinstance(entry[0], str)
        and isinstance(entry[1], dict)
    )


def _is_block(block: object) -> bool:
    """Return whether a value is a block of rows: its kind, and a list of them or their encoded form."""
    return (
        isinstance(block, dict)
        and len(block) == 1
        and all(isinstance(rows, str | list) for rows in block.values())
    )


def _unpacked(data: bytes, name: str) -> bytes:
    if not data.startswith(_GZIP):
        return data
    reader = zlib.decompressobj(31)
    try:
        unpacked = reader.decompress(data, MOST_BYTES)
    except zlib.error as error:
        raise SnapshotError(f"{name} is damaged: {error}; take the snapshot again") from error
    if not reader.eof:
        why = "is larger than a snapshot can be" if reader.unconsumed_tail else "is cut off"
        raise SnapshotError(f"{name} {why}")
    return unpacked


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _checksum(body: bytes) -> str:
    return _CHECKSUM + hashlib.sha256(body).hexdigest()


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _lines(content: dict[str, Any]) -> Iterator[str]:
    """Yield the text of the content: one document, and one row of a text table, a line."""
    parts = list(content.items())
    for number, (part, value) in enumerate(parts, 1):
        end = "\n" if number == len(parts) else ",\n"
        if part == "documents":
            yield f"{_text(part)}: {{\n"
            yield ",\n".join(
                f"{_text(name)}: [\n" + ",\n".join(map(_text, entries)) + "\n]"
                for name, entries in value.items()
            )
            yield f"\n}}{end}"
        elif part == "rows":
            yield f"{_text(part)}: [\n"
            yield ",\n".join(
                "[\n" + ",\n".join(_block_text(block) for block in blocks) + "\n]"
                for blocks in value
            )
            yield f"\n]{end}"
        else:
            yield f"{_text(part)}: {_text(value)}{end}"


def _block_text(block: dict[str, Any]) -> str:
    """Return a block of rows: plain ones one a line."""
    ((kind, rows),) = block.items()
    if not isinstance(rows, list):
        return _text(block)
    return f"{{{_text(kind)}: [\n" + ",\n".join(map(_text, rows)) + "\n]}"
