"""The columns of rows: those of the first line, and what each later line added or took away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from flowkit.servers import ServerLine, find_line
from flowkit_mockserver.dialects.routes import numbers_of

__all__ = ["JOB", "MODEL", "TASK", "absent_columns", "columns_without"]

_C = TypeVar("_C")

Changes = tuple[tuple[str, str, str | None], ...]
"""Column, the line or version of FATE Flow that has it first, and the last line that has it (None: all after)."""

JOB: Changes = (
    ("f_work_mode", "1.5", "1.6"),
    ("f_user", "1.6", None),
    ("f_inheritance_info", "1.7.1", None),
    ("f_inheritance_status", "1.7.1", None),
)

TASK: Changes = (
    ("f_engine_conf", "1.6", None),
    ("f_auto_retries", "1.7", None),
    ("f_auto_retry_delay", "1.7", None),
    ("f_cmd", "1.7", None),
    ("f_component_module", "1.7", None),
    ("f_component_parameters", "1.7", None),
    ("f_provider_info", "1.7", None),
    ("f_worker_id", "1.7", None),
    ("f_error_report", "1.9", None),
    ("f_kill_status", "1.9", None),
    ("f_run_port", "1.9", None),
    ("f_deepspeed_id", "1.11", None),
    ("f_is_deepspeed", "1.11", None),
)

MODEL: Changes = (
    ("f_work_mode", "1.5", "1.6"),
    ("f_description", "1.5", "1.8"),
    ("f_job_status", "1.5", "1.8"),
    ("f_archive_sha256", "1.9", None),
    ("f_archive_from_ip", "1.9", None),
)


def absent_columns(changes: Changes, line: ServerLine, flow_version: str) -> tuple[str, ...]:
    """Return the columns of `changes` that a version of FATE Flow on a line does not have."""
    absent = []
    for name, first, last in changes:
        since, until = find_line(first), None if last is None else find_line(last)
        early = line == since and numbers_of(flow_version) < numbers_of(first)
        if since is None or early or line < since or (until is not None and line > until):
            absent.append(name)
    return tuple(absent)


def columns_without(columns: Mapping[str, _C], absent: Iterable[str]) -> Mapping[str, _C]:
    """Return columns without those that a line does not have."""
    gone = frozenset(absent)
    return {name: column for name, column in columns.items() if name not in gone}
