"""Cassette files: read with vcrpy, written so that nothing is ever lost or half there.

While a cassette is being recorded, every finished call is appended to a file beside it,
``NAME.recording``. When recording ends the cassette is written to a temporary file and moved into
place. A process that is killed leaves the ``.recording`` behind, and the next one takes its
interactions up. The same file tells a second process that the first is still at work.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TextIO

from flowkit import CassetteError
from flowkit_replay.interactions import BODY, Interaction

__all__ = ["Recording", "read", "write"]

HEAD = "# recorded by process "


def read(path: Path) -> list[Interaction]:
    """Return the interactions of a cassette.

    Raises:
        CassetteError: the file is missing, unreadable or not a cassette.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CassetteError(
            f"there is no cassette {path}; record it first, or check the path"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"cassette {path} cannot be read: {error}") from error
    return parsed(text, path)


def parsed(text: str, path: Path) -> list[Interaction]:
    """Return the interactions in a cassette's text."""
    from vcr.serialize import deserialize
    from vcr.serializers import yamlserializer
    from yaml import YAMLError

    if not text.strip():
        return []
    try:
        loaded = deserialize(text, yamlserializer)
        requests, responses = loaded[0], loaded[1]
        found = [Interaction.from_recorded(*pair) for pair in zip(requests, responses, strict=True)]
    except (YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CassetteError(f"{path} is not a cassette of vcrpy's format 1: {first}") from error
    return [_with_body(one, path) for one in found]


def dumped(interactions: list[Interaction]) -> str:
    """Return interactions as the text of a cassette."""
    from vcr.serialize import serialize
    from vcr.serializers import yamlserializer

    pairs = [one.to_recorded() for one in interactions]
    requests, responses = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    text: str = serialize({"requests": requests, "responses": responses}, yamlserializer)
    return text


def write(path: Path, interactions: list[Interaction], *, large: int | None = None) -> None:
    """Write a cassette, all or nothing.

    Args:
        path: the cassette's file.
        interactions: what it is to hold.
        large: bodies of more bytes than this lie in files of their own, by digest.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [_without_body(one, path, large) for one in interactions]
    _replace(path, dumped(kept).encode())


def _replace(path: Path, data: bytes) -> None:
    """Put `data` at `path` by writing beside it and renaming."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _bodies(path: Path) -> Path:
    return path.with_name(f"{path.name}.bodies")


def _without_body(one: Interaction, path: Path, large: int | None) -> Interaction:
    if large is None or len(one.body) <= large:
        return one
    digest = hashlib.sha256(one.body).hexdigest()
    place = _bodies(path)
    place.mkdir(exist_ok=True)
    if not (place / digest).exists():
        _replace(place / digest, one.body)
    copy = Interaction(**{name: getattr(one, name) for name in one.__slots__})
    copy.headers = {**one.headers, BODY: [digest]}
    copy.body = b""
    return copy


def _with_body(one: Interaction, path: Path) -> Interaction:
    digest = one.header(BODY)
    if not digest:
        return one
    if not digest.isalnum():
        raise CassetteError(f"cassette {path} names a body {digest!r}, which is not a digest")
    try:
        body = (_bodies(path) / digest).read_bytes()
    except OSError as error:
        raise CassetteError(
            f"cassette {path} lacks the body {digest} beside it: {error}"
        ) from error
    if hashlib.sha256(body).hexdigest() != digest:
        raise CassetteError(f"cassette {path}: the body {digest} beside it was changed")
    one.body = body
    one.headers.pop(BODY, None)
    return one


class Recording:
    """The file beside a cassette that grows while it is recorded, and locks it.

    Raises:
        CassetteError: another live process is recording the same cassette.
    """

    def __init__(self, path: Path) -> None:
        self.cassette = path
        self.path = path.with_name(f"{path.name}.recording")
        self.recovered: list[Interaction] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._before = _state(path)
        self._file: TextIO = self._open()

    def append(self, one: Interaction) -> None:
        """Keep an interaction, at once."""
        text = dumped([one])
        lines = text.splitlines(keepends=True)
        self._file.writelines(
            line for line in lines if not line.startswith(("interactions:", "version:"))
        )
        self._file.flush()

    def save(self, interactions: list[Interaction], *, large: int | None = None) -> None:
        """Write the cassette itself, unless somebody else has written it meanwhile.

        Raises:
            CassetteError: the cassette on disk is not the one that recording started from.
        """
        if _state(self.cassette) != self._before:
            raise CassetteError(
                f"cassette {self.cassette} was written by somebody else while it was being recorded; "
                f"this recording is kept in {self.path}"
            )
        write(self.cassette, interactions, large=large)
        self._before = _state(self.cassette)

    def close(self, *, keep: bool = False) -> None:
        """Close the file, and remove it unless it is to be kept."""
        self._file.close()
        if not keep:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> TextIO:
        file = self.path.open("a+", encoding="utf-8")
        if not _locked(file):
            file.close()
            raise CassetteError(
                f"cassette {self.cassette} is being recorded by another process or client; "
                "give each a cassette of its own"
            )
        file.seek(0)
        left = file.read()
        if left:
            self.recovered = _whole(left, self.path)
        file.seek(0)
        file.truncate()
        file.write(f"{HEAD}{os.getpid()}\ninteractions:\n")
        file.flush()
        self._file = file
        for one in self.recovered:
            self.append(one)
        return file


def _whole(text: str, path: Path) -> list[Interaction]:
    """Return the interactions of a file that may have been cut off within the last one."""
    starts = [found.start() for found in re.finditer(r"(?m)^- request:", text)]
    for end in [len(text), *reversed(starts[1:])]:
        try:
            return parsed(text[:end], path) if starts else []
        except CassetteError:
            continue
    return []


def _state(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_mtime_ns, seen.st_size


def _locked(file: TextIO) -> bool:
    """Lock a file for as long as it is open; the system lets go when the process dies."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows: the last writer is still noticed on saving
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
