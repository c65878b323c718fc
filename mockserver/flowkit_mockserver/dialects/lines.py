"""Which dialect each version speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowkit.servers import LINES, ServerLine, line_of
from flowkit_mockserver.dialects.behaviour import behaviour_of
from flowkit_mockserver.dialects.columns import JOB, MODEL, TASK, absent_columns
from flowkit_mockserver.dialects.dialect import Dialect
from flowkit_mockserver.dialects.facts import kinds_of, older_kinds_of
from flowkit_mockserver.dialects.releases import RELEASES, release_with

__all__ = ["DEFAULT", "dialect_of", "how_known"]

#: The version that a mock is unless told otherwise.
DEFAULT = "1.6.1"

#: What each line changed, for itself and all lines after it. A value that is called is given the line.
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "1.6": {"data_privileges": True, "absent_run_parameters": (), "older_grpc": False},
    "1.7": {
        "older_grpc": True,
        "own_project": True,
        "folder": "/fateflow",
        "kinds": kinds_of,
        "reads_bodies_first": True,
        "dates": "iso",
        "table_facts": ("address",),
    },
    "1.8": {
        "table_facts": ("address", "enable", "origin"),
        "partial_filters": True,
        "keeps_parents": True,
        "tells_versions": True,
    },
    "1.9": {
        "table_facts": ("address", "enable", "extend_sid", "origin"),
        "any_content_type": True,
        "reads_bodies_first": False,
        "exceptions_as_repr": True,
        "json_errors": True,
        "reworked": True,
        "quoted_details": True,
        "retires": True,
        "converts_models": False,
        "older_grpc": False,
    },
    "1.10": {
        "converts_models": True,
        "deploys_chosen": True,
        "guards_meta": True,
        "details_as_repr": True,
    },
    "1.11": {
        "checks_partitions": True,
        "site_digest": "sha256",
        "levels_in_reports": True,
        "parameters_by_party": True,
        "deletes_all_metrics": True,
    },
}

#: What every release stands on, by its own word.
_GROUND: Mapping[str, str] = {"CENTOS": "7.2", "UBUNTU": "16.04", "MAVEN": "3.6.3", "JDK": "8"}


#: The lines of which a session with a real server was recorded.
_RECORDED = frozenset(("1.6", "1.11"))
#: The lines of which a real server was run beside the mock, and its answers were compared.
_SEEN = frozenset(("1.5", "1.7", "1.8", "1.9", "1.10"))


def how_known(line: ServerLine) -> str:
    """Return how what the mock does on a line is known.

    ``recorded`` from a server, ``seen`` on a server that was run beside the mock, or ``read`` in the source.
    """
    if line.name in _RECORDED:
        return "recorded"
    return "seen" if line.name in _SEEN else "read"


def dialect_of(version: str) -> Dialect:
    """Return the dialect of a version of FATE or FATE Flow, or of a line.

    Args:
        version: a line (``"1.11"``, its last version) or a version (``"1.11.4"``): of FATE, or of FATE Flow where FATE
            has none of that number.

    Raises:
        ValueError: there is no such line; the text names the nearest one.
    """
    line = line_of(version)
    choices: dict[str, Any] = {}
    for known in LINES:
        if known <= line:
            choices |= CHANGES.get(known.name, {})
    given: dict[str, Any] = {name: _called(value, line) for name, value in choices.items()}
    own = given.get("own_project", False)
    fate, flow = _versions_of(line, version.strip().removeprefix("v"))
    return Dialect(
        line=line,
        fate_version=fate,
        flow_version=flow,
        # FATE Flow 1.7.0 still answered with plain lists.
        paged_lists=own and flow != "1.7.0",
        absent_job_columns=absent_columns(JOB, line, flow),
        absent_task_columns=absent_columns(TASK, line, flow),
        absent_model_columns=absent_columns(MODEL, line, flow),
        versions=_versions(fate, flow, own_project=own),
        behaviour=behaviour_of(line),
        older_kinds=older_kinds_of(line),
        **given,
    )


def _called(value: Any, line: ServerLine) -> Any:
    function: Callable[[ServerLine], Any] | None = value if callable(value) else None
    return value if function is None else function(line)


def _versions_of(line: ServerLine, exact: str) -> tuple[str, str]:
    """Return the versions of FATE and FATE Flow for what was asked for, the line or one of its versions."""
    if exact in RELEASES:
        return exact, RELEASES[exact].flow
    if exact in line.fate_flow:
        return release_with(exact) or line.fate[-1], exact
    if exact.count(".") == 2:
        return exact, exact
    return line.fate[-1], line.fate_flow[-1]


def _versions(fate: str, flow: str, *, own_project: bool) -> Mapping[str, str]:
    """Return the versions that the server tells of itself and what belongs to it."""
    release = RELEASES.get(fate, next(reversed(RELEASES.values())))
    parts = {
        "FATE": fate,
        "FATEBoard": release.board,
        "EGGROLL": release.eggroll,
        "PYTHON": release.python,
        "SPARK": release.spark,
        **_GROUND,
    }
    return {**parts, "API": "v1", "FATEFlow": flow} if own_project else parts
