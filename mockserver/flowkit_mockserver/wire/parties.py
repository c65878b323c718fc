"""Requests about one party of a job."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.http.envelope import request_json
from flowkit_mockserver.state import current_state

__all__ = ["DAY_DIGITS", "party_request"]

#: How many digits of a job id are the day whose tables hold what its components left behind.
DAY_DIGITS = 8


def party_request() -> Any:
    """Return the body; without role and party it is about the initiator of the job."""
    config = request_json()
    if "role" not in config and "party_id" not in config:
        initiator = current_state().jobs.initiator(str(config.get("job_id", "")))
        if initiator is not None:
            config["role"], config["party_id"] = initiator
    return config
