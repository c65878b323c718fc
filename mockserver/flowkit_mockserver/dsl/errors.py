"""What is wrong with a DSL or a runtime conf, in the words of FATE Flow 1.6.1.

Two kinds of refusal exist on the wire. The server checks some things on purpose and has a sentence
for each: those are raised as `DslError`. On the rest it fails by itself: a missing key, a number where
a list belongs. The text of the answer is then the text of the Python exception (``'host'``, ``object
of type 'int' has no len()``), and clients have come to depend on it. The functions of this package
walk a document in the server's order and fail in the same places; `server_texts` turns what they
raise into a `DslError` with the text that Python 3.7, which the server runs on, has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flowkit_mockserver.dialects.exceptions import server_text
from flowkit_mockserver.errors import Refusal

__all__ = ["DOCUMENT_ERRORS", "DslError", "server_texts"]

DOCUMENT_ERRORS = (KeyError, IndexError, TypeError, ValueError, AttributeError, AssertionError)


class DslError(Refusal):
    """A DSL or a runtime conf that the server refuses; retcode 100 and the literal text."""


@contextmanager
def server_texts() -> Iterator[None]:
    """Answer a malformed document the way the server's error handler does.

    Raises:
        DslError: with the text of the Python exception that left the block.
    """
    try:
        yield
    except DOCUMENT_ERRORS as error:
        raise DslError(server_text(error)) from error
