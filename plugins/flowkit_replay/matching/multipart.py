"""Multipart bodies, part by part, however long: of a file only the digest is kept.

The standard library's parser holds a whole body in memory, and werkzeug's comes with the extra
``mock`` only, so that this package reads the few lines of each part itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

__all__ = ["find_boundary", "parse_parts"]

BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;,]+))', re.IGNORECASE)
# Bytes of a part's headers; what has more is no form.
LONGEST_HEAD = 64 * 1024

Part = tuple[str, str, str]


def find_boundary(content_type: str) -> bytes | None:
    """Return the boundary that a ``Content-Type`` announces; None when it is not of a form."""
    if not content_type.lower().startswith("multipart/form-data"):
        return None
    found = BOUNDARY.search(content_type)
    return (found[1] or found[2]).encode("latin-1", "replace") if found else None


def parse_parts(pieces: Iterable[bytes], boundary: bytes) -> Iterator[Part]:
    """Yield the parts of a body: name, file name, and the text or else the file's SHA-256."""
    held: bytes = b""
    name = filename = ""
    digest = None
    in_head = begun = False
    for chunk in _split_at(pieces, b"\r\n--" + boundary):
        if chunk is None:
            if begun and not in_head:
                content = digest.hexdigest() if digest else held.decode("utf-8", "replace")
                yield name, filename, content
            held, begun, in_head, digest = b"", True, True, None
        elif digest is not None:
            digest.update(chunk)
        elif not in_head:
            held += chunk
        else:
            held += chunk
            head, end, rest = held.partition(b"\r\n\r\n")
            if end:
                text = head.decode("utf-8", "replace")
                name, filename = _read_parameter(text, "name"), _read_parameter(text, "filename")
                digest = hashlib.sha256(rest) if filename else None
                held, in_head = b"" if filename else rest, False
            elif len(held) > LONGEST_HEAD:
                return


def _split_at(pieces: Iterable[bytes], delimiter: bytes) -> Iterator[bytes | None]:
    """Yield what stands between delimiters, in chunks, and None for each delimiter."""
    keep = len(delimiter) - 1
    held = b"\r\n"  # the first delimiter starts the body
    for piece in pieces:
        held += piece
        *whole, held = held.split(delimiter)
        for chunk in whole:
            yield chunk
            yield None
        if len(held) > keep:
            yield held[:-keep]
            held = held[-keep:]
    yield held


def _read_parameter(head: str, name: str) -> str:
    """Return a parameter of ``Content-Disposition``, also where it is written as ``name*=``."""
    if found := re.search(rf'\b{name}="((?:[^"\\]|\\.)*)"', head):
        return found[1]
    if found := re.search(rf"\b{name}\*=[\w-]*'[\w-]*'([^\s;]+)", head):
        return unquote(found[1])
    found = re.search(rf"\b{name}=([^\s;\"]+)", head)
    return found[1] if found else ""
