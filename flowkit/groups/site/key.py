"""client.key: public keys of other sites; servers from 1.9 on."""

from __future__ import annotations

from flowkit.groups.base import Group
from flowkit.inputs.arguments import Id, party, text
from flowkit.reply import Reply

__all__ = ["Key"]


class Key(Group):
    """Public keys, by which sites know each other's requests."""

    def save(self, party_id: Id, key: str) -> Reply[str]:
        """Store the public key of a party, in place of an earlier one; servers from 1.9 on.

        Args:
            party_id: the party.
            key: its public key, as PEM text.

        Returns:
            A reply whose data says whether the key is new (``save success``) or replaced another
            (``update success``).

        Endpoint: ``POST key/public/save``.
        """
        return self._call("key.save", party_id=party("party_id", party_id), key=text("key", key))

    def delete(self, party_id: Id) -> Reply[None]:
        """Delete the public key of a party; servers from 1.9 on.

        Args:
            party_id: the party.

        Endpoint: ``POST key/public/delete``.
        """
        return self._call("key.delete", party_id=party("party_id", party_id))

    def query(self, party_id: Id) -> Reply[str]:
        """Show the public key of a party; servers from 1.9 on.

        Args:
            party_id: the party.

        Returns:
            A reply whose data is the key as PEM text; without data when there is none.

        Endpoint: ``POST key/query``.
        """
        return self._call("key.query", party_id=party("party_id", party_id))
