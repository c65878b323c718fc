"""Files by name, such as exported models."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

__all__ = ["Blobs", "remove"]


class Blobs:
    """Named files below one directory; a name may hold any characters.

    Args:
        directory: where they are; made when it is not there.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where the file called `name` is or would be."""
        # A leading dot is quoted too, so that no name means the directory itself or its parent.
        safe = quote(name, safe="#-_~. ")
        return self._directory / ("%2E" + safe[1:] if safe.startswith(".") else safe)

    def write(self, name: str, content: bytes | Iterable[bytes]) -> Path:
        """Store `content` as `name`, all of it or nothing, and return where."""
        target = self.path(name)
        handle, temporary = tempfile.mkstemp(dir=self._directory, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines((content,) if isinstance(content, bytes) else content)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return target

    def read(self, name: str) -> bytes:
        """Return the whole file; FileNotFoundError when there is none."""
        return self.path(name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        """Open the file for reading; FileNotFoundError when there is none."""
        return self.path(name).open("rb")

    def delete(self, name: str) -> None:
        """Remove the file, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.path(name).is_file()

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self._directory.iterdir()):
            if path.is_file() and not path.name.startswith(".new-"):
                yield unquote(path.name)

    def clear(self) -> None:
        """Remove every file."""
        for path in self._directory.iterdir():
            remove(path)


def remove(path: Path) -> None:
    """Remove a file, or whatever else lies there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
