"""What an examination has found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "State"]


class State(StrEnum):
    """How something stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what was looked at, in a word or two.
        state: how it stands; a warning may get in the way some day, a problem does so now.
        text: what was found; never a secret.
        mend: what to do about it; empty when nothing need be done.
    """

    subject: str
    state: State
    text: str
    mend: str = ""
