"""What can go wrong with the state of a server."""

from __future__ import annotations

__all__ = [
    "Dropped",
    "Interrupted",
    "NotStored",
    "Outdated",
    "StateDamaged",
    "StoreInUse",
    "StoreUnreachable",
    "TooManyNamespaces",
]


class StoreInUse(Exception):
    """Another server keeps its state in the same place, and the two cannot share it."""


class StateDamaged(Exception):
    """A state cannot be read, or not by this version; the text names it and the way out."""


class NotStored(Exception):
    """What a request changed cannot be written, on a full disk for one; all of it is undone.

    Args:
        text: why.
        document: collection and key of the document to blame, if it is one that no database takes.
    """

    def __init__(self, text: str, document: tuple[str, str] | None = None) -> None:
        super().__init__(text)
        self.document = document


class Interrupted(Exception):
    """A request cannot go on with the state as it is known here: nothing of it counts, and no job is to blame."""


class Outdated(Interrupted):
    """Another worker changed the state meanwhile, or a question turned out to change it: ask again, alone.

    Args:
        text: what happened.
        question: whether it was a question that changes something.
    """

    def __init__(self, text: str, *, question: bool = False) -> None:
        super().__init__(text)
        self.question = question


class Dropped(Interrupted):
    """Another worker has dropped the namespace meanwhile."""


class StoreUnreachable(Interrupted):
    """The database does not answer; the text names it without its password. What was answered before is safe there."""


class TooManyNamespaces(Exception):
    """There are as many namespaces in a database as there may be.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"there are {count} namespaces")
        self.count = count
