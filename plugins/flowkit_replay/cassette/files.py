"""Cassette files: read and checked, and written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from flowkit import CassetteError
from flowkit.inputs.documents import read_whole_file
from flowkit_replay.cassette.atomic import replace_file, report_disk_errors, sweep_temporary
from flowkit_replay.cassette.bodies import attach_bodies, store_bodies, sweep_bodies
from flowkit_replay.cassette.interaction_list import EntryIndex, InteractionList
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.journal import open_journal
from flowkit_replay.cassette.vcrpy_format import (
    ENTRY,
    HEAD,
    TAIL,
    dump_entries,
    dump_extra,
    load_document,
    load_entry,
)

__all__ = ["body_names", "parse", "parse_journal", "read", "write", "write_pieces"]

# Smaller cassettes are parsed at once: what plays from them is ready from the first call on.
MOST_AT_ONCE = 2_000
LARGEST_AT_ONCE = 4 * 1024 * 1024
SEPARATOR = b"\n" + ENTRY
LONGEST_LINE = 4096
# The last line of an entry, as vcrpy sorts what is in it.
LAST_LINE = re.compile(rb"\n      message:[^\n]*\n\Z")


def read(path: Path, *, unfinished: bool = True, cut: bool = False) -> InteractionList:
    """Return the interactions of a cassette.

    Args:
        path: the cassette's file.
        unfinished: take in what a recording that was cut short has left beside it.
        cut: take in the whole interactions of a file that was cut off, instead of refusing it; the
            result's `cut` says so.

    Raises:
        CassetteError: the file is missing, unreadable, cut off or not a cassette.
    """
    left = open_journal(path).read_leftover() if unfinished else None
    try:
        text = read_whole_file(path, any_size=True)
    except FileNotFoundError as error:
        if left is None:
            raise CassetteError(
                f"there is no cassette {path}; record it first, or check the path"
            ) from error
        text = b""
    except OSError as error:
        raise CassetteError(f"cassette {path} cannot be read: {error}") from error
    else:
        if left is not None and left.anew:
            left = None  # the cassette is whole, and that recording was to replace it
    held = parse(text, path, cut=cut)
    if left is not None:
        for one in parse_journal(left.entries, path):
            held.append(one)
    return held


def parse(text: bytes, path: Path, *, cut: bool = False) -> InteractionList:
    """Return the interactions in a cassette's text; see `read`.

    Raises:
        CassetteError: it is not a cassette, or was cut off.
    """
    title = f"cassette {path}"
    finish = partial(attach_bodies, path=path)
    if not text.strip():
        return InteractionList(title=title)
    try:
        text.isascii() or text.decode()
        index = _scan_if_large(text)
        if index is None:
            document = load_document(text.decode())
            if document.complete:
                return InteractionList(map(finish, document.interactions), document.extra)
        else:
            document = load_document(HEAD.decode() + index.rest)
            if document.complete:
                return InteractionList((), document.extra, index=index, finish=finish, title=title)
    except ValueError as error:
        if _ends(text):
            raise CassetteError(f"{path} is not a cassette of vcrpy's format 1: {error}") from error
    whole = _read_cut(text)
    if not cut:
        raise CassetteError(
            f"cassette {path} was cut off: its last line, {TAIL.decode().strip()!r}, is missing behind "
            f"{len(whole)} whole interactions; record it again, go on with mode 'new_episodes', or "
            "add that line if nothing else is missing"
        )
    held = InteractionList(map(finish, whole))
    held.cut = True
    return held


def parse_journal(entries: Iterable[bytes], path: Path) -> list[Interaction]:
    """Return the interactions in the entries of a journal.

    Raises:
        CassetteError: one cannot be read.
    """
    try:
        return [attach_bodies(load_entry(entry.decode()), path) for entry in entries]
    except ValueError as error:
        raise CassetteError(f"the recording beside cassette {path} is damaged: {error}") from error


def _scan_if_large(text: bytes) -> EntryIndex | None:
    if len(text) <= LARGEST_AT_ONCE and text.count(SEPARATOR) <= MOST_AT_ONCE:
        return None
    return EntryIndex.scan(text)


def _ends(text: bytes) -> bool:
    """True when a text has its version, so that nothing behind it was cut off."""
    return not text.startswith(HEAD) or b"\nversion:" in text


def _read_cut(text: bytes) -> list[Interaction]:
    """Return the whole interactions of a text that was cut off."""
    head, *entries = text.split(SEPARATOR)
    if head.strip() != HEAD.strip():
        return []
    whole = []
    for entry in entries:
        try:
            one = load_entry((ENTRY + entry + b"\n").decode())
        except ValueError:  # UnicodeDecodeError is one too: it was cut within a character
            break
        whole.append(one)
    # The last one may have lost a part and still be readable, unless its last line is there.
    if whole and len(whole) == len(entries) and not LAST_LINE.search(text[-LONGEST_LINE:]):
        whole.pop()
    return whole


def write(
    path: Path,
    interactions: Iterable[Interaction],
    *,
    large: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a cassette, all or nothing.

    Args:
        path: the cassette's file.
        interactions: what it is to hold.
        large: bodies of more bytes than this lie in files of their own, by digest.
        extra: further top-level keys, such as ``metadata``; those of an `InteractionList` are kept.

    Raises:
        CassetteError: it cannot be written.
    """
    if extra is None and isinstance(interactions, InteractionList):
        extra = interactions.extra
    with report_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep_temporary(path)
        kept = [store_bodies(one, path, large) for one in interactions]
        with replace_file(path) as file:
            write_pieces(file, [dump_entries(kept).encode()], extra or {})
        if not open_journal(path).path.exists():
            sweep_bodies(path, body_names(kept))


def write_pieces(file: IO[bytes], pieces: Iterable[bytes], extra: Mapping[str, Any]) -> None:
    """Write a cassette's text: entries in pieces, between its head and its tail."""
    begun = False
    for piece in pieces:
        if piece and not begun:
            file.write(HEAD)
            begun = True
        file.write(piece)
    if not begun:
        file.write(b"interactions: []\n")
    file.write(dump_extra(extra).encode())
    file.write(TAIL)


def body_names(interactions: Iterable[Interaction]) -> Iterator[str]:
    """Yield the names of the body files that interactions have."""
    for one in interactions:
        for file in (one.body_file, one.request_body_file):
            if file is not None:
                yield file.name
