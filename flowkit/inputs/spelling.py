"""What may have been meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(word: str, known: Iterable[str], likeness: float = 0.0) -> str:
    """Return the one of `known` that is most like `word`; empty when there are none.

    Args:
        word: what was written.
        known: what could be meant.
        likeness: how alike they must be, from 0 to 1.
    """
    import difflib  # needed only once something is misspelled

    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)), "")
