"""A party: who takes part in a job, in which role."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Party"]


class Party(NamedTuple):
    """A role and a party id, both as text; the one form in which the mock speaks of parties.

    Attributes:
        role: ``guest``, ``host``, ``arbiter`` or ``local``.
        party_id: the id, ``"9999"``.
    """

    role: str
    party_id: str

    @property
    def key(self) -> str:
        """The text by which stored documents name the party, ``guest/9999``."""
        return f"{self.role}/{self.party_id}"

    @classmethod
    def of(cls, role: object, party_id: object) -> Party:
        """Return a party from a role and an id of any type."""
        return cls(str(role), str(party_id))

    @classmethod
    def parse(cls, key: str) -> Party:
        """Return the party that `key` names."""
        role, _, party_id = key.rpartition("/")
        return cls(role, party_id)
