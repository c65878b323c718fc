"""A recording: every finished call is kept at once, and the cassette is made of them at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flowkit import CassetteError
from flowkit_replay.cassette.atomic import replace_file, report_disk_errors, sweep_temporary
from flowkit_replay.cassette.bodies import store_bodies, sweep_bodies
from flowkit_replay.cassette.files import body_names, parse_journal, read, write_pieces
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cassette.journal import open_journal
from flowkit_replay.cassette.vcrpy_format import dump_entries, load_serializer

__all__ = ["Recording", "recover"]


class Recording:
    """The making of a cassette.

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
        load_serializer()  # now: a process forked while a thread imports it would wait for ever
        self.cassette = path
        self._large = large
        self._journal = open_journal(path)
        self._process = os.getpid()
        self._joining = joining
        with report_disk_errors(path):
            if joining:
                try:
                    self._journal.join()
                except FileNotFoundError as error:
                    raise CassetteError(
                        f"cassette {path} is not being recorded any more: the process that began "
                        "the recording has ended it"
                    ) from error
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._journal.open(anew=anew)
                sweep_temporary(path)
        self._before = _state(path)

    @property
    def recovered(self) -> list[Interaction]:
        """What an earlier recording has left; it is part of this one."""
        return parse_journal(self._journal.recovered, self.cassette)

    @property
    def owned(self) -> bool:
        """True in the process that began the recording; not in its forks, nor where it is joined."""
        return not self._joining and os.getpid() == self._process

    @property
    def recorded(self) -> int:
        """How many interactions were kept so far, by this process and any other."""
        return sum(1 for _ in self._journal.entries())

    def append(self, one: Interaction) -> None:
        """Keep an interaction, at once.

        Raises:
            CassetteError: the disk does not take it, or the recording has ended: in a process that
                was forked off, and outlived the one that began it.
        """
        with report_disk_errors(self.cassette):
            entry = dump_entries([store_bodies(one, self.cassette, self._large)])
            if not self._journal.append(entry):
                raise CassetteError(
                    f"the recording of cassette {self.cassette} was ended by the process that began "
                    f"it; {one.method} {one.path} of process {os.getpid()} is not in the cassette"
                )

    def save(
        self,
        before: Iterable[Interaction] = (),
        *,
        extra: Mapping[str, Any] | None = None,
        revise: Callable[[Interaction], Interaction] | None = None,
    ) -> None:
        """Write the cassette: `before`, and all that was kept since, by whatever process.

        Nothing happens in a process that only takes part in another one's recording.

        Args:
            before: what the cassette held before.
            extra: further top-level keys of the cassette.
            revise: changes what was kept; None takes it as it stands.

        Raises:
            CassetteError: the cassette on disk is not the one that recording started from.
        """
        if not self.owned:
            return
        if _state(self.cassette) != self._before:
            raise CassetteError(
                f"cassette {self.cassette} was written by somebody else while it was being recorded; "
                f"this recording is kept in {self._journal.path}"
            )
        kept = [store_bodies(one, self.cassette, self._large) for one in before]
        with report_disk_errors(self.cassette), replace_file(self.cassette) as file:
            write_pieces(file, self._pieces(kept, revise), extra or {})
        self._before = _state(self.cassette)
        sweep_bodies(self.cassette, {*body_names(kept), *self._journal.names()})

    def _pieces(
        self, before: list[Interaction], revise: Callable[[Interaction], Interaction] | None
    ) -> Iterator[bytes]:
        yield dump_entries(before).encode()
        for entry in self._journal.entries():
            if revise is None:
                yield entry
            else:
                (one,) = parse_journal([entry], self.cassette)
                revised = revise(one)
                yield entry if revised == one else dump_entries([revised]).encode()

    def close(self, *, keep: bool = False) -> None:
        """End the recording, and forget what was kept unless `keep` is set."""
        self._journal.close(remove=self.owned and not keep)


def recover(path: Path) -> None:
    """Make what a recording that was cut short has left part of its cassette.

    Raises:
        CassetteError: the recording is still going on, or the disk refuses.
    """
    left = open_journal(path).read_leftover()
    if left is None:
        return
    exists = path.exists()
    held = read(path, unfinished=False) if exists else ()
    recording = Recording(path, anew=left.anew and bool(held))
    saved = False
    try:
        recording.save(held, extra=getattr(held, "extra", None))
        saved = True
    finally:
        recording.close(keep=not saved)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size
