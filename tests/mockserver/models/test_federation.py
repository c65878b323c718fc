"""Every party of a model does its part, or says why not."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.federation import Answer, ask_parties


def test_answers_refusals_and_silence_are_told_apart() -> None:
    def ask(role: str, party_id: Any) -> Answer | None:
        if role == "host":
            raise Refusal("no", 101)
        return (0, "yes") if party_id == 1 else None

    data, codes = ask_parties({"guest": [1, 2], "host": ["3"]}, ask)

    assert codes == [0, 100, 101]
    assert data["guest"] == {"1": 0, "2": 100}
    assert data["detail"] == {
        "guest": {"1": {"retcode": 0, "retmsg": "yes"}},
        "host": {"3": {"retcode": 101, "retmsg": "no"}},
    }
