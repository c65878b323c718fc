"""How stages of a rule file let the tasks of a job wait, take their time and end."""

from __future__ import annotations

from flowkit_mockserver.faults import Staged
from flowkit_mockserver.jobs.job import Attempt
from flowkit_mockserver.party import Party

__all__ = ["lost_party", "ordered_failure", "stage_attempt"]


def stage_attempt(attempt: Attempt, staged: Staged | None) -> None:
    """Let a task that was launched wait, take its time and end as stages say."""
    if staged is None:
        return
    attempt.start = (attempt.start or 0) + staged.wait
    attempt.span = attempt.span if staged.span is None else staged.span
    if staged.party is not None:
        ordered = {"message": staged.message, "lost": staged.lost}
        attempt.ordered = {"party": staged.party.key, **ordered}


def lost_party(attempt: Attempt) -> Party | None:
    """Return the party that a stage lets a task lose, or None."""
    ordered = attempt.ordered
    return Party.parse(ordered["party"]) if ordered is not None and ordered["lost"] else None


def ordered_failure(attempt: Attempt, parties: list[Party]) -> tuple[Party, str] | None:
    """Return the party that fails as a stage says, or that misses a lost one, and the message; None for none."""
    if attempt.ordered is None:
        return None
    party = parties[0] if attempt.ordered["lost"] else Party.parse(attempt.ordered["party"])
    return (party, attempt.ordered["message"]) if party in parties else None
