"""Failures that a user of the mock ordered: this component shall fail, with this message."""

from __future__ import annotations

from dataclasses import dataclass

from flowkit_mockserver.jobs.job import split_party

__all__ = ["Fate", "Fates"]


@dataclass
class Fate:
    """One order.

    Attributes:
        component: name of the component that fails.
        message: why.
        role: on which role; None: on any.
        party_id: on which party; None: on any.
        times: how often still; None: always.
    """

    component: str
    message: str
    role: str | None = None
    party_id: str | None = None
    times: int | None = None

    def meets(self, component: str, party: str) -> bool:
        """Say whether it concerns a component on a party."""
        role, party_id = split_party(party)
        return (
            component == self.component
            and self.role in (None, role)
            and self.party_id in (None, party_id)
        )


class Fates:
    """The orders that are still open."""

    def __init__(self) -> None:
        self._open: list[Fate] = []

    def order(self, fate: Fate) -> None:
        """Take an order."""
        self._open.append(fate)

    def strike(self, component: str, parties: list[str]) -> tuple[str, str] | None:
        """Return the party that fails and the message, or None; an order that is used up is forgotten."""
        for fate in self._open:
            for party in parties:
                if fate.meets(component, party):
                    if fate.times is not None:
                        fate.times -= 1
                        if fate.times <= 0:
                            self._open.remove(fate)
                    return party, fate.message
        return None
