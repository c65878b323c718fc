"""Drift: how a live answer differs from the recorded one, in tiers.

From bad to harmless: ``outcome`` (another status or retcode), ``message`` (another retmsg),
``shape`` (other keys or types), ``value`` (the same shape with other values) and ``volatile`` (only
what differs between any two runs: times, addresses, process ids, paths).
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from dataclasses import asdict, dataclass
from typing import Any

from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.matching.difference import find_difference
from flowkit_replay.matching.identifiers import IDENTIFIER, Identifiers

__all__ = ["TIERS", "Drift", "compare"]

TIERS = ("unrecorded", "outcome", "message", "shape", "value", "volatile")

VOLATILE = re.compile(
    r"_time$|_date$|elapsed|_pid$|run_ip|address|worker_id|path|directory|board_url|cores|memory"
    r"|traceback|table_info|fate_version|fateVersion|end_scheduling_updates|engine_conf|f_size|model_size|jobId|job_id"
)
PLACE = re.compile(r"(?<![\w.])/(?:[\w.#@-]+/)+[\w.#@-]*")
HOST = re.compile(r"(?:127\.0\.0\.1|localhost|0\.0\.0\.0):\d+")
DAY_TABLE = re.compile(r"(?<=t_tracking_metric_)\d{8}")
RPC = "_InactiveRpcError"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a recorded answer and a live one.

    Attributes:
        tier: one of `TIERS`.
        method: HTTP method of the request.
        target: path and query of the request.
        detail: where and how they differ.
    """

    tier: str
    method: str
    target: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.tier}: {self.method} {self.target[:120]}: {self.detail}"


def compare(recorded: Interaction, live: Interaction, identifiers: Identifiers) -> list[Drift]:
    """Return how two answers to the same request differ: nothing, or the worst tier's first place.

    Identifiers that stand in the same places of both are learned.
    """
    target = live.path + (f"?{live.query}" if live.query else "")

    def drift(tier: str, detail: str) -> list[Drift]:
        return [Drift(tier, live.method, target, detail)]

    if recorded.status != live.status:
        return drift("outcome", f"status {recorded.status} recorded, {live.status} now")
    one, other = _parse_json(recorded.decode()), _parse_json(live.decode())
    if not isinstance(one, dict) or not isinstance(other, dict):
        if isinstance(one, dict) != isinstance(other, dict):
            return drift("outcome", "one is an envelope, the other is not")
        names, others = _list_members(recorded.decode()), _list_members(live.decode())
        if names != others:
            return drift("shape", f"members {names} recorded, {others} now")
        return []
    _learn(one, other, identifiers)
    if one.get("retcode") != other.get("retcode"):
        return drift(
            "outcome", f"retcode {one.get('retcode')!r} recorded, {other.get('retcode')!r} now"
        )
    if mask(str(one.get("retmsg"))) != mask(str(other.get("retmsg"))):
        return drift(
            "message", f"retmsg {one.get('retmsg')!r} recorded, {other.get('retmsg')!r} now"
        )
    if found := find_difference(reduce_to_shape(one), reduce_to_shape(other)):
        return drift("shape", found)
    if found := find_difference(mask_values(one), mask_values(other)):
        return drift("value", found)
    if one != other:
        return drift("volatile", "times, addresses or identifiers")
    return []


def reduce_to_shape(value: Any) -> Any:
    """Return a value's structure: keys and kinds; of a list, its first item's."""
    if isinstance(value, dict):
        return {_mask_key(name): reduce_to_shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [reduce_to_shape(value[0])] if value else []
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "null" if value is None else "string"


def mask_values(value: Any, name: str = "") -> Any:
    """Return a value with everything volatile mask."""
    if VOLATILE.search(name):
        return "<volatile>"
    if isinstance(value, dict):
        return {_mask_key(key): mask_values(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_values(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.3g}")
    return mask(value) if isinstance(value, str) else value


def mask(text: str) -> str:
    """Return a text with identifiers, addresses and paths mask."""
    if RPC in text:
        return "<unreachable peer>"
    text = DAY_TABLE.sub("<day>", HOST.sub("<address>", text))
    return PLACE.sub("<path>", IDENTIFIER.sub("<id>", text))


def _mask_key(name: str) -> str:
    return "<id>" if IDENTIFIER.fullmatch(name) else name


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _learn(recorded: Any, live: Any, identifiers: Identifiers) -> None:
    if isinstance(recorded, dict) and isinstance(live, dict):
        for name in recorded.keys() & live.keys():
            _learn(recorded[name], live[name], identifiers)
    elif isinstance(recorded, list) and isinstance(live, list):
        for one, other in zip(recorded, live, strict=False):
            _learn(one, other, identifiers)
    elif isinstance(recorded, str) and isinstance(live, str):
        identifiers.learn(live, recorded)


def _list_members(data: bytes) -> list[str]:
    """Return the names in an archive, mask; empty when it is none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return sorted(mask(name) for name in tar.getnames())
    except (tarfile.TarError, EOFError, OSError):
        pass
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sorted(mask(name) for name in archive.namelist())
    except zipfile.BadZipFile:
        return []
