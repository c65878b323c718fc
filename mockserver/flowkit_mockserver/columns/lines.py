"""The lines of an uploaded file as rows: the first field is the key, or the number of the line; the rest stays text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flowkit_mockserver.columns.text import TextRows

__all__ = ["DELIMITER", "EXTENDED_SID", "UploadLines"]

#: The real endpoint drops a client's `id_delimiter`, so this is the only one there is.
DELIMITER = ","
#: What a key is called that an upload gave to each line.
EXTENDED_SID = "extend_sid"
#: Characters of the file in memory at a time.
BLOCK_CHARACTERS = 2 * 1024 * 1024


class UploadLines:
    """The rows of a file, read anew each time they are gone through.

    Lines lose the white space at their end; a byte order mark is not taken off. The real server
    does the same.

    Args:
        path: the file, UTF-8.
        head: True when its first line names the columns.
        delimiter: what ends the key.
        numbered: what stands before the number of each line in a key of its own, so that the whole line is the
            value; None when the first field is the key.
        numbered_name: what such a key is called.
    """

    def __init__(
        self,
        path: Path,
        head: bool,
        delimiter: str = DELIMITER,
        *,
        numbered: str | None = None,
        numbered_name: str = EXTENDED_SID,
    ) -> None:
        self.path = path
        self.head = head
        self.delimiter = delimiter
        self.numbered = numbered
        self.numbered_name = numbered_name

    @property
    def schema(self) -> dict[str, str]:
        """The names of the columns: `sid` is the key's, `header` the rest; without a head, of a numbered key only."""
        names = ""
        if self.head:
            with self.path.open(encoding="utf-8") as file:
                names = file.readline()
        if self.numbered is not None:
            return {"header": names.strip(), "sid": self.numbered_name}
        if not self.head:
            return {}
        sid, _, header = names.partition(self.delimiter)
        return {"header": header.strip(), "sid": sid.strip()}

    def first(self, count: int) -> list[tuple[str, str]]:
        """Return the first rows in the order of the file."""
        rows: list[tuple[str, str]] = []
        with self.path.open(encoding="utf-8") as file:
            if self.head:
                file.readline()
            for number, line in enumerate(islice(file, count)):
                if self.numbered is None:
                    key, _, value = line.rstrip().partition(self.delimiter)
                else:
                    key, value = f"{self.numbered}{number}", line.rstrip()
                rows.append((key, value))
        return rows

    def notes(self, count: int) -> dict[str, Any]:
        """Return what is to be known of the file when it is a table: its first rows and how its keys came about.

        Args:
            count: how many rows are the first ones.
        """
        counted = self.numbered == ""
        return {
            "first": [[int(key) if counted else key, value] for key, value in self.first(count)],
            "extend_sid": self.numbered is not None,
            "counted_keys": counted,
            "id_delimiter": self.delimiter,
        }

    def blocks(self) -> Iterator[TextRows]:
        """Yield the rows in the order of the file, in blocks of bounded size."""
        delimiter = self.delimiter
        with self.path.open(encoding="utf-8") as file:
            if self.head:
                file.readline()
            count = 0
            while lines := file.readlines(BLOCK_CHARACTERS):
                if self.numbered is not None:
                    numbers = range(count, count + len(lines))
                    keys = [f"{self.numbered}{number}" for number in numbers]
                    yield TextRows(keys, [line.rstrip() for line in lines])
                    count += len(lines)
                    continue
                fields = [line.rstrip().partition(delimiter) for line in lines]
                yield TextRows([key for key, _, _ in fields], [line for _, _, line in fields])

    def __len__(self) -> int:
        with self.path.open(encoding="utf-8") as file:
            return sum(1 for _ in file) - self.head

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for block in self.blocks():
            yield from block
