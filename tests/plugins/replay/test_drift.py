"""Drift: how far a live answer is from the recorded one."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from flowkit_replay import compare
from flowkit_replay.drift import mask, mask_values, reduce_to_shape
from flowkit_replay.matching.identifiers import Identifiers
from recorded import interaction

JOBS = ("202611231642368574510", "202701010101010000010")


def envelope(data: Any = None, retcode: int = 0, retmsg: str = "success") -> bytes:
    return json.dumps({"retcode": retcode, "retmsg": retmsg, "data": data}).encode()


@pytest.mark.parametrize(
    ("recorded", "live", "tier"),
    [
        (envelope([1]), envelope([1]), None),
        (envelope([1]), envelope([1], retcode=100), "outcome"),
        (envelope([1]), b"<html>", "outcome"),
        (envelope([1]), envelope([1], retmsg="fine"), "message"),
        (envelope({"a": 1}), envelope({"a": "1"}), "shape"),
        (envelope({"a": 1}), envelope({"b": 1}), "shape"),
        (envelope({"a": 1}), envelope({"a": 2}), "value"),
        (envelope({"auc": 0.5001}), envelope({"auc": 0.5002}), "volatile"),
        (envelope({"f_start_time": 1}), envelope({"f_start_time": 2}), "volatile"),
        (envelope(f"job {JOBS[0]}"), envelope(f"job {JOBS[1]}"), "volatile"),
    ],
)
def test_the_worst_difference_gives_the_tier(
    recorded: bytes, live: bytes, tier: str | None
) -> None:
    found = compare(interaction(body=recorded), interaction(body=live), Identifiers())
    assert [drift.tier for drift in found] == ([tier] if tier else [])


def test_a_status_is_part_of_the_outcome() -> None:
    (drift,) = compare(interaction(), interaction(status=503), Identifiers())
    assert str(drift) == "outcome: POST /v1/job/query: status 200 recorded, 503 now"
    assert drift.to_json()["tier"] == "outcome"


def test_archives_are_compared_by_their_members() -> None:
    def pack(name: str) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, "x")
        return file.getvalue()

    one, same = (interaction(body=pack(f"{job}/a.txt")) for job in JOBS)
    assert compare(one, same, Identifiers()) == []
    (drift,) = compare(one, interaction(body=pack("b.txt")), Identifiers())
    assert drift.tier == "shape"


def test_identifiers_in_the_same_places_are_learned() -> None:
    known = Identifiers()
    compare(interaction(body=envelope(JOBS[0])), interaction(body=envelope(JOBS[1])), known)
    assert known.to_recorded(JOBS[1]) == JOBS[0]


def test_what_is_volatile_is_masked() -> None:
    assert mask(f"{JOBS[0]} at 127.0.0.1:9380 in /data/a/b") == "<id> at <address> in <path>"
    assert mask_values({"a": 0.12345, "f_pid": 3}) == {"a": 0.123, "f_pid": "<volatile>"}
    assert reduce_to_shape({"a": [1, 2], "b": True, "c": None, JOBS[0]: "x"}) == {
        "a": ["number"],
        "b": "bool",
        "c": "null",
        "<id>": "string",
    }
