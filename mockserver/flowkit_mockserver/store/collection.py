"""Documents by key: a dictionary in memory that a durable store also writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

__all__ = ["Collection", "Document"]

Document = dict[str, Any]


class Collection(MutableMapping[str, Document]):
    """A named set of JSON documents, in the order in which their keys were first set.

    Args:
        documents: what it holds at first.
        changed: called with each key that was set, saved or deleted; None when nobody writes it down.
    """

    def __init__(
        self, documents: dict[str, Document], changed: Callable[[str], None] | None
    ) -> None:
        self._documents = documents
        self._changed = changed

    def __getitem__(self, key: str) -> Document:
        return self._documents[key]

    def __setitem__(self, key: str, document: Document) -> None:
        self._documents[key] = document
        if self._changed is not None:
            self._changed(key)

    def __delitem__(self, key: str) -> None:
        del self._documents[key]
        if self._changed is not None:
            self._changed(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, key: object) -> bool:
        return key in self._documents

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._documents)

    def save(self, key: str) -> None:
        """Note that the document at `key` was changed in place."""
        if self._changed is not None:
            self._changed(key)
