"""log/…: the log files of a job, line by line."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.job import job_log_files

__all__ = ["blueprint"]

blueprint = Blueprint("later_log", __name__, url_prefix="/log")

#: Type of a log → its path below the directory of the job, and what it needs besides the job.
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "jobSchedule": ("fate_flow_schedule.log", ()),
    "jobScheduleError": ("fate_flow_schedule_error.log", ()),
    "partyError": ("{role}/{party_id}/ERROR.log", ("role", "party_id")),
    "partyWarning": ("{role}/{party_id}/WARNING.log", ("role", "party_id")),
    "partyInfo": ("{role}/{party_id}/INFO.log", ("role", "party_id")),
    "partyDebug": ("{role}/{party_id}/DEBUG.log", ("role", "party_id")),
    "componentInfo": (
        "{role}/{party_id}/{component_name}/INFO.log",
        ("role", "party_id", "component_name"),
    ),
}


@blueprint.post("/size")
def size() -> Response:
    """Tell how many lines a log has; one that does not exist has none (POST log/size)."""
    config = _arguments()
    unreadable = (Refusal, TypeError) if current_state().dialect.reworked else (Refusal,)
    try:
        lines = _lines(config)
    except unreadable:
        lines = []
    return success({"size": len(lines)})


@blueprint.post("/cat")
def cat() -> Response:
    """Return lines of a log (POST log/cat)."""
    config = _arguments()
    lines = _lines(config)
    begin, end = config.get("begin"), config.get("end")
    shown = _between(lines, begin, end)
    if not shown:
        return success([])
    # The real server splits the text at its line ends, the last one included; it counts on from the first line's
    # number by adding to it, which fails, in these words, where that is text.
    numbered = enumerate([*shown, ""], (begin or 1) + 0)
    return success([{"content": text, "line_num": number} for number, text in numbered])


def _between(lines: list[str], begin: Any, end: Any) -> list[str]:
    """Return the lines that the real server gets from ``tail -n +BEGIN | head -n COUNT``, which take no other numbers.

    Lines of a negative count are left out at the end.

    Raises:
        TypeError: `begin` and `end` are no numbers.
    """
    count = end - begin + 1 if begin and end else end or len(lines)
    first = begin or 1
    if not (_is_count(first) and _is_count(count) and int(first) > 0):
        return []
    return lines[int(first) - 1 :][: int(count)]


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"-?[0-9]{1,18}", str(value)) is not None


def _arguments() -> dict[str, Any]:
    config = request_json()
    many = current_state().dialect.reworked
    if config is None or not (many or isinstance(config, dict)):
        kind = type(config).__name__
        raise Refusal(f"type object argument after ** must be a mapping, not {kind}")
    # An empty list counts as no body until it is taken for the arguments.
    if config == []:
        raise TypeError("type object argument after ** must be a mapping, not list")
    instance = config.get("instance_id")
    if many and isinstance(instance, list | dict) and instance:
        raise TypeError(f"unhashable type: '{type(instance).__name__}'")
    if many and instance and instance != "flow-127.0.0.1-9380":
        raise HttpRefusal(404, "Flow Instance not found.")
    missing = [name for name in ("log_type", "job_id") if name not in config]
    if missing:
        words = " and ".join(repr(name) for name in missing)
        plural = "s" if len(missing) > 1 else ""
        raise TypeError(
            f"__init__() missing {len(missing)} required positional argument{plural}: {words}"
        )
    return dict(config)


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments, the party's number as text; all of them have to make a path, needed or not.

    Raises:
        Refusal: what the log needs is missing.
        TypeError: one of them is no text; or the type of the log is none of a key.
    """
    config = {
        "role": "",
        "component_name": "",
        **config,
        "party_id": str(config.get("party_id", "")),
    }
    kind = config["log_type"]
    needs = next((needs for name, (_, needs) in _TYPES.items() if name == kind), None)
    if needs is not None and not all(config[name] for name in ("job_id", *needs)):
        raise Refusal(f"job type {kind} Missing parameters")
    posixpath.join(*(config[name] for name in ("job_id", "role", "party_id", "component_name")))
    return config


def _lines(config: dict[str, Any]) -> list[str]:
    kind = config["log_type"]
    if current_state().dialect.reworked:
        config = _checked(config)
    path, needs = _TYPES.get(kind, ("", ()))
    if not all(config.get(name) for name in ("job_id", *needs) if path):
        raise Refusal(f"job type {kind} Missing parameters")
    if not path:
        raise refusal(current_state().dialect, "no such log", kind=kind)
    files = job_log_files(current_state(), str(config["job_id"])) or []
    wanted = path.format(**{name: config[name] for name in needs})
    text = next((content for name, content in files if name == wanted), "")
    return text.splitlines()
