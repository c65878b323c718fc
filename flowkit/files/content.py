"""What is to be uploaded and is no file yet: bytes, an open file, a data frame."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from flowkit.call.limits import CHUNK
from flowkit.errors import ArgumentError
from flowkit.frames.library import is_frame, write_csv
from flowkit.inputs.arguments import refusal

__all__ = ["Content", "Readable", "content_file"]


class Readable(Protocol):
    """A file open for reading, of bytes or of text."""

    def read(self, size: int = ..., /) -> bytes | str:
        """Return a piece; an empty one at the end."""


#: A path, bytes, an open file, or a data frame of pandas or polars (which cannot be named here).
Content = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | Any


@contextmanager
def content_file(content: Content, conf: MutableMapping[str, Any]) -> Iterator[Path]:
    """Yield a file that holds what is to be sent, and note its name in the configuration.

    What is no file is written to a temporary one, named like the table, that is gone afterwards: so it can be sent
    without being in memory, and again where a connection was not made.

    Args:
        content: what was given.
        conf: the configuration; ``file`` is set in it, and ``head`` for a data frame.

    Raises:
        ArgumentError: it is nothing that can be sent.
    """
    if isinstance(content, str | os.PathLike):
        conf["file"] = os.fspath(content)
        file = Path(os.path.abspath(content))
        if not file.is_file():
            raise refusal("file", content, "the path of a file that exists")
        yield file
        return
    from tempfile import TemporaryDirectory  # slow to import

    table = os.path.basename(str(conf.get("table_name") or "")) or "table"
    with TemporaryDirectory(prefix="flowkit-") as folder:
        file = Path(folder, f"{table[:100]}.csv")
        if is_frame(content):
            if str(conf.setdefault("head", 1)) not in {"1", "True"}:
                text = "a data frame goes with its header: head must be 1, or left out"
                raise ArgumentError(text, argument="head", value=conf["head"])
            file.write_bytes(write_csv(content))
        elif isinstance(content, bytes | bytearray | memoryview):
            file.write_bytes(content)
        elif callable(getattr(content, "read", None)):
            _spool(content, file)
        else:
            must = "a path, bytes, a file open for reading, or a data frame of pandas or polars"
            raise refusal("file", content, must)
        conf["file"] = file.name
        yield file


def _spool(stream: Any, file: Path) -> None:
    with file.open("wb") as target:
        while piece := stream.read(CHUNK):
            if not isinstance(piece, str | bytes):
                text = f"file: its read() gave {type(piece).__name__}, neither bytes nor text"
                raise ArgumentError(text, argument="file", value=stream)
            target.write(piece.encode() if isinstance(piece, str) else piece)
