"""How large an answer may become, and how long a call may last: the options that bound a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flowkit.errors import ArgumentError, ServerError, shown

__all__ = ["ANSWER_LIMIT", "CHUNK", "DOWNLOAD_LIMIT", "check_limits", "keep_within"]

#: Bytes of a piece in which bodies are read and written.
CHUNK = 64 * 1024
#: Bytes of the largest JSON answer that is taken, after decompression.
ANSWER_LIMIT = 64 * 1024**2
#: Bytes of the largest file that is downloaded.
DOWNLOAD_LIMIT = 8 * 1024**3


def check_limits(options: Mapping[str, Any]) -> None:
    """Check the options ``deadline``, ``answer_limit`` and ``download_limit``, where they are given.

    Raises:
        ArgumentError: one of them is no number above 0.
    """
    deadline = options.get("deadline")
    if deadline is not None and (
        isinstance(deadline, bool) or not isinstance(deadline, int | float) or not deadline > 0
    ):
        raise ArgumentError(
            f"deadline must be seconds above 0, or None, got {shown(deadline)}",
            argument="deadline",
            value=deadline,
        )
    for name in ("answer_limit", "download_limit"):
        limit = options.get(name)
        if limit is not None and (
            isinstance(limit, bool) or not isinstance(limit, int) or limit < 1
        ):
            raise ArgumentError(
                f"{name} must be a number of bytes from 1, got {shown(limit)}",
                argument=name,
                value=limit,
            )


def keep_within(pieces: Iterable[bytes], option: str, limit: int, status: int) -> Iterator[bytes]:
    """Yield the pieces of an answer as long as they stay below a limit.

    Args:
        pieces: the body, decompressed.
        option: name of the option that sets the limit.
        limit: bytes in all.
        status: HTTP status of the answer.

    Raises:
        ServerError: there are more.
    """
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise ServerError(
                f"the answer is larger than {limit} bytes; if it may be, raise the limit: "
                f"client.with_options({option}=…)",
                status=status,
            )
        yield piece
