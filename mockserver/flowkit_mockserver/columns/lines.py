"""The lines of an uploaded file as rows: the first field is the key, the rest stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flowkit_mockserver.columns.text import TextRows

__all__ = ["DELIMITER", "UploadLines"]

#: The real endpoint drops a client's `id_delimiter`, so this is the only one there is.
DELIMITER = ","
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
    """

    def __init__(self, path: Path, head: bool, delimiter: str = DELIMITER) -> None:
        self.path = path
        self.head = head
        self.delimiter = delimiter

    @property
    def schema(self) -> dict[str, str]:
        """The names of the columns: `sid` is the key's, `header` the rest; empty without a head."""
        if not self.head:
            return {}
        with self.path.open(encoding="utf-8") as file:
            sid, _, header = file.readline().partition(self.delimiter)
        return {"header": header.strip(), "sid": sid.strip()}

    def blocks(self) -> Iterator[TextRows]:
        """Yield the rows in the order of the file, in blocks of bounded size."""
        delimiter = self.delimiter
        with self.path.open(encoding="utf-8") as file:
            if self.head:
                file.readline()
            while lines := file.readlines(BLOCK_CHARACTERS):
                fields = [line.rstrip().partition(delimiter) for line in lines]
                yield TextRows([key for key, _, _ in fields], [line for _, _, line in fields])

    def __len__(self) -> int:
        with self.path.open(encoding="utf-8") as file:
            return sum(1 for _ in file) - self.head

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for block in self.blocks():
            yield from block
