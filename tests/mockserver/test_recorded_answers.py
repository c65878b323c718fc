"""The mock is held to what a real FATE Flow 1.6.1 answered: every case of every operation."""

from __future__ import annotations

from functools import cache

import pytest

from flowkit import OPERATIONS, ManualClock
from flowkit.testing.cassettes import cassette
from flowkit_mockserver import MockServer
from flowkit_replay.cassette import files
from flowkit_replay.drift import TIERS, Drift
from flowkit_replay.verify import is_expected, load_bundled, play

GUIDE = [operation.name for operation in OPERATIONS if operation.guide]
BEFORE = "/job/stop"


@cache
def drifts() -> dict[str, list[Drift]]:
    """Play all operations once, as one session, and return the drift of each case."""
    found: dict[str, list[Drift]] = {}
    script = load_bundled()
    with MockServer(pace=0.3, clock=ManualClock()) as mock, mock.client() as client:
        answers = play([one for _, one in script], client)
        for (case, _), (_, drift) in zip(script, answers, strict=True):
            found.setdefault(case, []).extend(drift)
    return found


@pytest.mark.parametrize("name", GUIDE)
def test_the_operation_answers_as_the_real_server_did(name: str) -> None:
    worst = TIERS.index("value")
    parted = {
        case: found
        for case, found in drifts().items()
        if case.startswith(f"{name}: ")
        and any(
            TIERS.index(drift.tier) <= worst and not is_expected(case, drift) for drift in found
        )
    }
    assert parted == {}


@pytest.mark.parametrize("session", ["train-deploy-predict", "stop-and-fail"])
def test_a_session_runs_as_it_did(session: str) -> None:
    with MockServer(pace=0.3, clock=ManualClock()) as mock, mock.client() as client:
        found = [drift for _, some in play(files.read(cassette(session)), client) for drift in some]
    parted = [drift for drift in found if drift.tier != "volatile"]
    # The second session stops a job of the first one.
    assert [drift for drift in parted if not drift.target.endswith(BEFORE)] == []
