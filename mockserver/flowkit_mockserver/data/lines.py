"""The lines of an uploaded file as rows: the first field is the key, the rest stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["DELIMITER", "UploadLines"]

#: The real endpoint drops a client's `id_delimiter`, so this is the only one there is.
DELIMITER = ","


class UploadLines:
    """The rows of a file, read anew each time they are gone through, one line at a time.

    Lines lose the white space at their end; a byte order mark is not taken off. The real server
    does the same.

    Args:
        path: the file, UTF-8.
        head: True when its first line names the columns.
    """

    def __init__(self, path: Path, head: bool) -> None:
        self.path = path
        self.head = head

    @property
    def schema(self) -> dict[str, str]:
        """The names of the columns: `sid` is the key's, `header` the rest; empty without a head."""
        if not self.head:
            return {}
        with self.path.open(encoding="utf-8") as file:
            sid, _, header = file.readline().partition(DELIMITER)
        return {"header": header.strip(), "sid": sid.strip()}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        with self.path.open(encoding="utf-8") as file:
            if self.head:
                file.readline()
            for line in file:
                key, _, value = line.rstrip().partition(DELIMITER)
                yield key, value
