"""What is wrong with a DSL or a runtime conf, in the words of FATE Flow 1.6.1.

Two kinds of refusal exist on the wire. The server checks some things on purpose and has a sentence
for each: those are raised as `DslError`. On the rest it fails by itself: a missing key, a number where
a list belongs. The text of the answer is then the text of the Python exception (``'host'``, ``object
of type 'int' has no len()``), and clients have come to depend on it. The functions of this package
walk a document in the server's order and fail in the same places; `server_texts` turns what they
raise into a `DslError` with the text that Python 3.7, which the server runs on, has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flowkit_mockserver.errors import Refusal

__all__ = ["DOCUMENT_ERRORS", "DslError", "python37_text", "server_texts"]

DOCUMENT_ERRORS = (KeyError, IndexError, TypeError, ValueError, AttributeError, AssertionError)

_PYTHON37: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^string indices must be integers, not .*$"), "string indices must be integers"),
    (re.compile(r"^(int\(\) argument .*) or a real number, "), r"\1 or a number, "),
    (re.compile(r"^(expected string or bytes-like object), got .*$"), r"\1"),
    (re.compile(r" is not a container or iterable$"), " is not iterable"),
    (re.compile(r"^cannot use '\w+' as a \w+ \w+ \((.*)\)$"), r"\1"),
)


class DslError(Refusal):
    """A DSL or a runtime conf that the server refuses; retcode 100 and the literal text."""


def python37_text(error: Exception) -> str:
    """Return what ``str(error)`` is on the Python of the server."""
    text = str(error)
    for pattern, replacement in _PYTHON37:
        text = pattern.sub(replacement, text)
    return text


@contextmanager
def server_texts() -> Iterator[None]:
    """Answer a malformed document the way the server's error handler does.

    Raises:
        DslError: with the text of the Python exception that left the block.
    """
    try:
        yield
    except DOCUMENT_ERRORS as error:
        raise DslError(python37_text(error)) from error
