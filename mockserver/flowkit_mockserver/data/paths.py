"""Which files of this machine a request may name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flowkit_mockserver.errors import Refusal

__all__ = ["PathPolicy"]


class PathPolicy:
    """Nothing may be read or written but below the allowed directories, however the path is spelt.

    Args:
        allowed: the directories; none means that every path is refused.
    """

    def __init__(self, allowed: Iterable[Path]) -> None:
        self._allowed = tuple(path.expanduser().resolve() for path in allowed)

    def locate(self, text: str) -> Path:
        """Return the real path of `text`; a relative one starts at the first allowed directory.

        Symbolic links are followed first, so that none leads out.

        Raises:
            Refusal: it lies outside of what is allowed.
        """
        try:
            base = self._allowed[0] if self._allowed else Path("/")
            path = (base / text).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise Refusal(f"{text!r} is not a path of a file: {error}") from error
        if not any(path.is_relative_to(directory) for directory in self._allowed):
            wanted = path.parent if Path(text).is_absolute() else "DIR"
            raise Refusal(
                f"{text} is not below a directory that this mock server may touch;"
                f" start it with --allow-path {wanted}"
            )
        return path
