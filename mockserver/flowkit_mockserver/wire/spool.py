"""Uploaded files go straight to the disk, into the server's own directory, and may stay there.

Werkzeug reads the multipart body; this module only says where a file's content goes. Werkzeug's own temporary file
has no name, so an upload of gigabytes would be copied once more before a job could read it by its path.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from flask import Request

from flowkit_mockserver.wire.dispatch import current_state

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["SpooledFile", "SpoolingRequest"]


class SpooledFile(io.BufferedRandom):
    """A file on its way in. It vanishes when it is closed, unless someone took it.

    Args:
        path: an empty file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "w+b"))
        self._path: Path | None = path

    def take(self) -> Path:
        """Return where the content is; removing it is up to the caller from now on.

        Raises:
            ValueError: it was taken before.
        """
        if self._path is None:
            raise ValueError("the file has been taken already")
        self.flush()
        path, self._path = self._path, None
        return path

    def close(self) -> None:
        """Close, and remove what nobody took."""
        super().close()
        path, self._path = self._path, None
        if path is not None:
            path.unlink(missing_ok=True)


class SpoolingRequest(Request):
    """A request whose files are `SpooledFile`s, all of which are closed at its end, those of a body cut short too."""

    def __init__(self, environ: WSGIEnvironment, **options: Any) -> None:
        super().__init__(environ, **options)
        self._spooled: list[SpooledFile] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        file = SpooledFile(current_state().store.new_file())
        self._spooled.append(file)
        return cast(IO[bytes], file)

    def close(self) -> None:
        """Close the files; Flask calls this when a request has been answered."""
        super().close()
        for file in self._spooled:
            file.close()
