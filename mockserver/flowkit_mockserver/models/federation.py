"""Asking every party of a model to do its part: the shape that load, deploy and migrate have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flowkit_mockserver.errors import Refusal

__all__ = ["Answer", "ask_parties"]

Answer = tuple[int, str]
"""Return code and text of one party."""

FAILED = 100


def ask_parties(
    roles: Mapping[str, Iterable[Any]], ask: Callable[[str, Any], Answer | None]
) -> tuple[dict[str, Any], list[int]]:
    """Let each party do its part.

    Args:
        roles: the parties by role.
        ask: called with role and party id; None means that the party could not be reached, a `Refusal` that
            it refused.

    Returns:
        The `data` of the answer, and the return codes of all parties.
    """
    data: dict[str, Any] = {"detail": {}}
    codes: list[int] = []
    for role, party_ids in roles.items():
        data[role], data["detail"][role] = {}, {}
        for party_id in party_ids:
            try:
                answer = ask(role, party_id)
            except Refusal as fault:
                answer = fault.retcode, fault.retmsg
            if answer is None:
                data[role][str(party_id)] = FAILED
                codes.append(FAILED)
                continue
            retcode, retmsg = answer
            data[role][str(party_id)] = retcode
            data["detail"][role][str(party_id)] = {"retcode": retcode, "retmsg": retmsg}
            codes.append(retcode)
    return data, codes
