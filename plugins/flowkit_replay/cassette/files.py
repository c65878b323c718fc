"""Cassette files: read and written with vcrpy, and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from flowkit import CassetteError
from flowkit_replay.cassette.bodies import found_beside, put_beside, replacing, sweep, writing
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.journal import journal_of

__all__ = ["Recording", "entries", "parsed", "read", "settle", "write"]


def read(path: Path, *, unfinished: bool = True) -> list[Interaction]:
    """Return the interactions of a cassette.

    Args:
        path: the cassette's file.
        unfinished: take in what a recording that was cut short has left beside it.

    Raises:
        CassetteError: the file is missing, unreadable or not a cassette.
    """
    left = journal_of(path).left() if unfinished else None
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if left is None:
            raise CassetteError(
                f"there is no cassette {path}; record it first, or check the path"
            ) from error
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise CassetteError(f"cassette {path} cannot be read: {error}") from error
    else:
        if left is not None and left.anew:
            left = None  # the cassette is whole, and that recording was to replace it
    held = parsed(text, path)
    return held + parsed(left.text, path) if left is not None else held


def parsed(text: str, path: Path) -> list[Interaction]:
    """Return the interactions in a cassette's text.

    Raises:
        CassetteError: it is not a cassette.
    """
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
    return [found_beside(one, path) for one in found]


def entries(interactions: Iterable[Interaction]) -> str:
    """Return interactions as they stand in a cassette, between its first and its last line."""
    from vcr.serialize import serialize
    from vcr.serializers import yamlserializer

    pairs = [one.to_recorded() for one in interactions]
    if not pairs:
        return ""
    requests, responses = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    text: str = serialize({"requests": requests, "responses": responses}, yamlserializer)
    return text.removeprefix(FIRST).removesuffix(LAST)


FIRST = "interactions:\n"
LAST = "version: 1\n"


def write(path: Path, interactions: Iterable[Interaction], *, large: int | None = None) -> None:
    """Write a cassette, all or nothing.

    Args:
        path: the cassette's file.
        interactions: what it is to hold.
        large: bodies of more bytes than this lie in files of their own, by digest.

    Raises:
        CassetteError: it cannot be written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [put_beside(one, path, large) for one in interactions]
        with replacing(path) as file:
            _write(file, [entries(kept).encode()])
        if not journal_of(path).path.exists():
            sweep(path, _names(kept))


def _write(file: IO[bytes], pieces: Iterable[bytes]) -> None:
    begun = False
    for piece in pieces:
        if piece and not begun:
            file.write(FIRST.encode())
            begun = True
        file.write(piece)
    file.write(LAST.encode() if begun else f"interactions: []\n{LAST}".encode())


def _names(interactions: Iterable[Interaction]) -> Iterator[str]:
    for one in interactions:
        for beside in (one.beside, one.request_beside):
            if beside is not None:
                yield beside.name


class Recording:
    """The making of a cassette: every finished call is kept at once, the cassette at the end.

    Args:
        path: the cassette's file.
        anew: True replaces the cassette, and whatever an earlier recording has left; False adds.
        large: bodies of more bytes than this lie in files of their own, by digest.
        joining: True when another process owns the recording, and will save it.

    Raises:
        CassetteError: another live process is recording the same cassette, or the disk refuses.
    """

    def __init__(
        self,
        path: Path,
        *,
        anew: bool = False,
        large: int | None = None,
        joining: bool = False,
    ) -> None:
        self.cassette = path
        self._large = large
        self._journal = journal_of(path)
        self._process = os.getpid()
        self._joining = joining
        with writing(path):
            if joining:
                self._journal.join()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._journal.open(anew=anew)
        self._before = _state(path)

    @property
    def recovered(self) -> list[Interaction]:
        """What an earlier recording has left; it is part of this one."""
        return parsed(self._journal.recovered, self.cassette)

    def append(self, one: Interaction) -> None:
        """Keep an interaction, at once.

        Raises:
            CassetteError: the disk does not take it.
        """
        with writing(self.cassette):
            self._journal.append(entries([put_beside(one, self.cassette, self._large)]))

    def save(self, before: Iterable[Interaction] = ()) -> None:
        """Write the cassette: `before`, and all that was kept since, by whatever process.

        Nothing happens in a process that only takes part in another one's recording.

        Raises:
            CassetteError: the cassette on disk is not the one that recording started from.
        """
        if not self._owned:
            return
        if _state(self.cassette) != self._before:
            raise CassetteError(
                f"cassette {self.cassette} was written by somebody else while it was being recorded; "
                f"this recording is kept in {self._journal.path}"
            )
        kept = [put_beside(one, self.cassette, self._large) for one in before]
        with writing(self.cassette), replacing(self.cassette) as file:
            _write(file, self._pieces(kept))
        self._before = _state(self.cassette)
        sweep(self.cassette, {*_names(kept), *self._journal.names()})

    def _pieces(self, before: list[Interaction]) -> Iterator[bytes]:
        yield entries(before).encode()
        yield from self._journal.entries()

    @property
    def _owned(self) -> bool:
        """False in a process that was forked off, and in one that joined."""
        return not self._joining and os.getpid() == self._process

    @property
    def recorded(self) -> int:
        """How many interactions were kept so far, by this process and any other."""
        return sum(1 for _ in self._journal.entries())

    def close(self, *, keep: bool = False) -> None:
        """End the recording, and forget what was kept unless told otherwise."""
        self._journal.close(remove=self._owned and not keep)


def settle(path: Path) -> None:
    """Make what a recording that was cut short has left part of its cassette.

    Raises:
        CassetteError: the recording is still going on, or the disk refuses.
    """
    left = journal_of(path).left()
    if left is None:
        return
    held = read(path, unfinished=False) if path.exists() else []
    recording = Recording(path, anew=left.anew and bool(held))
    saved = False
    try:
        recording.save(held)
        saved = True
    finally:
        recording.close(keep=not saved)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size
