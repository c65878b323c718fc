"""The worker processes of the later lines, as task rows show them: where, by what command line, and whose component."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.facts import FLOW_PROVIDER, provider_of, server_facts
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.jobs.providers import Providers
    from flowkit_mockserver.settings import Settings

__all__ = [
    "Place",
    "asked_provider",
    "error_report",
    "provider_info",
    "worker_command",
    "worker_id",
]

_EXECUTOR = "python/fate_flow/worker/task_executor.py"


@dataclass(frozen=True, slots=True)
class Place:
    """What rows show of the server itself.

    Attributes:
        dialect: how it speaks.
        run_ip: the address at which tasks run.
        root: its directory.
        provider_versions: returns the versions of a provider and where each lies.
    """

    dialect: Dialect
    run_ip: str
    root: str
    provider_versions: Callable[[str], Mapping[str, str]]

    @classmethod
    def of(cls, settings: Settings, dialect: Dialect, providers: Providers) -> Place:
        """Return what rows show of a server with these settings."""
        return cls(dialect, settings.run_ip, settings.root + dialect.folder, providers.versions)


def provider_info(
    dialect: Dialect, module: str, root: str, version: str = "", path: str | None = None
) -> dict[str, Any]:
    """Return what a task row says of the provider of its module.

    Args:
        dialect: how the server speaks.
        module: the module.
        root: the directory of FATE Flow.
        version: the version that the conf or the DSL asks for; empty for the default one.
        path: where that version lies; None where the default one does.
    """
    name = provider_of(module)
    home, folder, own = (
        f"{root.removesuffix(dialect.folder)}/python",
        "federatedml",
        dialect.fate_version,
    )
    if name == FLOW_PROVIDER:
        home, folder, own = f"{root}/python", name, dialect.flow_version
    if path is not None:
        home, _, folder = path.rpartition("/")
    found = {
        "class_path": server_facts(dialect.line, "class_path"),
        "env": {"PYTHONPATH": home},
        "name": name,
        "path": f"{home}/{folder}",
        "version": version or own,
    }
    # From 1.9 on a provider can bring a Python of its own.
    if dialect.reworked:
        found["env"]["PYTHON_ENV"] = found["python_env"] = ""
    return found


def asked_provider(plan: Plan, component: str, party: Party) -> tuple[str, str]:
    """Return name and version of the provider that is asked for for a component of a party; empty if none."""
    from flowkit_mockserver.dsl.providers import provider_asked_for

    index = [str(one) for one in plan.roles[party.role]].index(party.party_id)
    asked = provider_asked_for(plan, component, party.role, index)
    name, _, version = (asked or "").partition("@")
    return name, version


def worker_id(task_id: str, version: int, party: Party) -> str:
    """Return the id of the process that runs a task."""
    return hashlib.sha256(f"{task_id}_{version}_{party.key}".encode()).hexdigest()[:32]


def worker_command(
    dialect: Dialect, home: str, task_id: str, version: int, party: Party, run_ip: str
) -> list[Any]:
    """Return the command line of the process that runs a task.

    Args:
        dialect: how the server speaks.
        home: the server's directory.
        task_id: the task.
        version: its version.
        party: the party that runs it.
        run_ip: the address at which it runs.
    """
    job_id, _, component = task_id.partition("_")
    worker = worker_id(task_id, version, party)
    jobs = (
        f"{home}/jobs/{job_id}/{party.key}/{component}/{task_id}/{version}/task_executor/{worker}"
    )
    logs = f"{home}/logs/{job_id}/{party.key}"
    session = f"{task_id}_{version}"
    options: list[tuple[str, Any]] = [
        ("--job_id", job_id),
        ("--component_name", component),
        ("--task_id", task_id),
        ("--task_version", version),
        ("--role", party.role),
        ("--party_id", party.party_id),
        ("--config", f"{jobs}/config.json"),
        ("--result", f"{jobs}/result.json"),
        ("--log_dir", f"{logs}/{component}"),
        ("--parent_log_dir", logs),
        ("--worker_id", worker),
        ("--run_ip", run_ip),
        *([("--run_port", "9380")] if dialect.reworked else []),
        ("--job_server", f"{run_ip}:9380"),
        ("--session_id", f"{session}_{party.role}_{party.party_id}"),
        ("--federation_session_id", session),
    ]
    command: list[Any] = [f"{home}/venv/bin/python", f"{home}/{_EXECUTOR}"]
    for name, value in options:
        command += [name, value]
    return command


#: By what a message of a component of FATE Flow reads the class of its exception.
_CLASSES = (
    (r"^can not found table name: ", "RuntimeError"),
    (r"^Error number of partition, |^can not found this cache$", "Exception"),
    (r"codec can't decode byte ", "UnicodeDecodeError"),
    (r" is an empty file$|^'head' in conf\.json ", "Exception"),
    (r"object is not subscriptable$", "TypeError"),
    (r"object has no attribute '\w+'$", "AttributeError"),
    (r"^'The component ModelLoader needs ", "KeyError"),
)


def error_report(message: str) -> str:
    """Return what the row of a task says of the exception that ended it.

    Args:
        message: the exception; what neither names one nor is known is a ValueError.
    """
    kind, _, _ = message.partition(": ")
    named = message
    if not (kind.isidentifier() and kind.endswith("Error")):
        known = (name for pattern, name in _CLASSES if re.search(pattern, message))
        named = f"{next(known, 'ValueError')}: {message}"
    return f"Traceback (most recent call last):\n{named}"
