"""The journal beside a cassette: what has been recorded so far, safe from whatever kills a process.

``NAME.recording`` grows by one entry a finished call, each written at once and in one piece, by one
process or by several. An entry counts only when its end is there. The process that owns the
recording holds a lock on the file; the system lets go of it when the process dies.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowkit import CassetteError
from flowkit_replay.cassette.atomic import lock_file
from flowkit_replay.cassette.interactions import BODY
from flowkit_replay.cassette.vcrpy_format import ENTRY, HEAD

__all__ = ["Journal", "Leftover", "open_journal"]

ANEW = b"# being recorded anew\n"
MORE = b"# being recorded\n"
END = b"# end\n"
NAME = re.compile(rf"{BODY}:\s+- ([0-9a-f]{{64}})\b".encode())
FLAGS = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
TRIES = 10


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a recording has left behind.

    Attributes:
        anew: True when it was to replace the cassette, False when it was to be added.
        entries: the whole entries, each as it stands in a cassette.
    """

    anew: bool
    entries: tuple[bytes, ...]


def open_journal(path: Path) -> Journal:
    """Return the journal of a cassette."""
    return Journal(path.with_name(f"{path.name}.recording"), path)


class Journal:
    """The file in which a recording grows.

    Args:
        path: the journal's file.
        cassette: the cassette that will be made of it.
    """

    def __init__(self, path: Path, cassette: Path) -> None:
        self.path = path
        self.cassette = cassette
        self.recovered: tuple[bytes, ...] = ()
        self._file = -1

    def read_leftover(self) -> Leftover | None:
        """Return what a recording has left so far; None when there is no trace of one."""
        try:
            with self.path.open("rb") as file:
                anew = file.readline() == ANEW
        except OSError:
            return None
        return Leftover(anew, tuple(self.entries()))

    def open(self, *, anew: bool) -> None:
        """Own the journal; what an earlier one has left is kept unless recording starts anew.

        Raises:
            CassetteError: another process, or another client, owns it.
            OSError: the disk refuses.
        """
        for _ in range(TRIES):
            file = os.open(self.path, FLAGS | os.O_CREAT, 0o644)
            if not lock_file(file):
                os.close(file)
                raise CassetteError(
                    f"cassette {self.cassette} is being recorded by another process or client; "
                    "give each a cassette of its own"
                )
            if _is_same_file(file, self.path):
                break
            os.close(file)  # its owner has removed it between our opening and our locking it
            time.sleep(0)
        else:
            raise CassetteError(f"cassette {self.cassette} is being recorded by many others")
        self._file = file
        self.recovered = () if anew else tuple(self.entries())
        if self.recovered:
            return  # nothing is rewritten: an entry that was cut off is passed over
        os.ftruncate(file, 0)
        self._put((ANEW if anew else MORE) + HEAD)

    def join(self) -> None:
        """Take part in a recording that another process owns.

        Raises:
            OSError: there is none.
        """
        self._file = os.open(self.path, FLAGS)

    def append(self, entry: str) -> bool:
        """Keep an entry.

        Returns:
            False when the journal has been ended by its owner, and nothing was kept.

        Raises:
            OSError: the disk does not take it.
        """
        if not _is_same_file(self._file, self.path):
            return False
        self._put(b"\n" + entry.encode() + END)
        return True

    def _put(self, data: bytes) -> None:
        # One write, so that the entries of several threads and processes never mingle.
        done = os.write(self._file, data)
        while done < len(data):
            done += os.write(self._file, data[done:])

    def entries(self) -> Iterator[bytes]:
        """Yield the whole entries; those that were cut off do not count."""
        current: list[bytes] | None = None
        try:
            file = self.path.open("rb")
        except OSError:
            return
        with file:
            for line in file:
                if line.startswith(ENTRY):
                    current = [line]
                elif line == END:
                    if current:
                        yield b"".join(current)
                    current = None
                elif current is not None:
                    current.append(line)

    def names(self) -> Iterator[str]:
        """Yield the digests of the bodies that the entries name."""
        for entry in self.entries():
            for found in NAME.finditer(entry):
                yield found[1].decode()

    def close(self, *, remove: bool) -> None:
        """Let go of the journal."""
        file, self._file = self._file, -1
        if file < 0:
            return
        if remove and os.name != "nt":
            self.path.unlink(missing_ok=True)  # while the lock still keeps others out
        os.close(file)
        if remove and os.name == "nt":
            self.path.unlink(missing_ok=True)


def _is_same_file(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
