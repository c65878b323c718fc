"""Content codings: what plain vcrpy recorded may still be compressed, or only say that it is."""

from __future__ import annotations

import io
import zlib

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

__all__ = ["decompress"]


def decompress(body: bytes, coding: str) -> bytes:
    """Return a body without its content coding.

    Plain vcrpy keeps the bytes of the wire, or the decoded ones with the header still there; only
    bytes that really are compressed are decoded.

    Args:
        body: the body as recorded.
        coding: the header ``Content-Encoding``.
    """
    if not body or not coding or coding.lower() == "identity":
        return body
    if coding.lower() == "gzip" and body[:2] != b"\x1f\x8b":
        return body
    answer = HTTPResponse(
        io.BytesIO(body), {"content-encoding": coding}, preload_content=False, decode_content=True
    )
    try:
        return answer.read()
    except (HTTPError, zlib.error, EOFError, OSError):
        return body
