"""The party ids inside model buffers, and how they change when a model migrates to other parties.

Anonymous features (``host_10000_3``), sites (``host:10000``) and party tuples (``(host,10000)``) name parties. Which
fields hold them each kind knows for itself: `Kind.relabel`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowkit_mockserver.errors import Refusal

__all__ = ["Relabelling"]


class Relabelling:
    """The new party ids by role and old id.

    Args:
        old: parties by role, as trained.
        new: parties by role, in the same order.

    Raises:
        Refusal: a party id is not an integer, or the lists do not match.
    """

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._ids = {
            "guest": _pairs(old["guest"], new["guest"]),
            "host": _pairs(old["host"], new["host"]),
            "arbiter": _pairs(old.get("arbiter"), new.get("arbiter")),
        }

    def _of_role(self, role: str) -> Mapping[int, int]:
        if role not in self._ids:
            raise Refusal(f"this role contains no site name {role}")
        return self._ids[role]

    def name(self, text: str) -> str:
        """Return a site or an anonymous feature with the new party; any other name as it is."""
        if ":" in text:
            role, party_id = text.split(":")
            return f"{role}:{self._of_role(role)[int(party_id)]}"
        return self.anonymous(text) if "_" in text else text

    def anonymous(self, text: str) -> str:
        """Return an anonymous feature, ``role_party_index``, with the new party."""
        role, party_id, index = text.split("_")
        return f"{role}_{self._of_role(role)[int(party_id)]}_{index}"

    def maybe_anonymous(self, text: str) -> str:
        """Return an anonymous feature with the new party; a text that is none as it is."""
        try:
            return self.anonymous(text)
        except (Refusal, KeyError, ValueError):
            return text

    def party_tuple(self, text: str) -> str:
        """Return ``(role, party)`` with the new party."""
        role, party_id = text.strip("()").split(",")
        return f"({role}, {self._of_role(role.strip())[int(party_id)]})"

    def names(self, texts: Iterable[str]) -> list[str]:
        """Return sites, anonymous features and other names with the new parties."""
        return [self.name(text) for text in texts]

    def keys(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a map whose keys are names, with the new parties in them."""
        return {self.name(text): value for text, value in values.items()}

    def host(self, party_id: object) -> str:
        """Return the new id of a host; an unknown one as it is."""
        number = int(str(party_id))
        return str(self._ids["host"].get(number, number))


def _pairs(old: Any, new: Any) -> dict[int, int]:
    if old is None and new is None:
        return {}
    if not (isinstance(old, list) and isinstance(new, list)):
        raise Refusal(
            "illegal input format: id lists type should be list, however got: \n"
            f"content: {old}/ type: {type(old)} \ncontent: {new}/ type: {type(new)}"
        )
    if len(old) != len(new):
        raise Refusal(f"id lists length does not match: len({old}) != len({new})")
    for first, second in zip(old, new, strict=True):
        if type(first) is not int or type(second) is not int:
            raise Refusal(
                f"party id must be an integer, got {first}:{type(first)} and {second}:{type(second)}"
            )
    return dict(zip(old, new, strict=True))
