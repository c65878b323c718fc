"""flowkit: a client for FATE Flow, with plugins, record/replay and a mock server.

Start with `FlowClient`::

    from flowkit import FlowClient

    flow = FlowClient("127.0.0.1", 9380, "v1")
    job = flow.job.submit("conf.json", "dsl.json")
    flow.job.wait(job.job_id, timeout=600)
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (pip sees to it, but a checkout can be run by any)
    raise ImportError(
        "flowkit needs Python 3.11 or later, and this is {}.{} ({}); make an environment of a later"
        " one: python3.11 -m venv .venv".format(*sys.version_info[:2], sys.executable)
    )

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.call.attempts import Retry
    from flowkit.call.markers import hookimpl
    from flowkit.call.messages import Request, Response
    from flowkit.call.model import Call, JobState, Session
    from flowkit.call.operation import Effect, Operation, Route
    from flowkit.client import FlowClient
    from flowkit.clock import Clock, ManualClock, SystemClock
    from flowkit.errors import (
        ArchiveError,
        ArgumentError,
        CassetteError,
        ConnectionFailed,
        FlowError,
        JobFailed,
        OperationError,
        PluginError,
        ServerError,
        TimedOut,
        TransportError,
        UnsupportedOperation,
        UnsupportedServer,
    )
    from flowkit.forks import renew_in_children
    from flowkit.frames.output import read_output, read_output_rows
    from flowkit.groups.base import Group
    from flowkit.inputs.known_keys import UnknownKey
    from flowkit.operations import OPERATIONS
    from flowkit.reply import Reply
    from flowkit.servers import ServerLine

__version__ = "0.1.0"

__all__ = [
    "OPERATIONS",
    "ArchiveError",
    "ArgumentError",
    "Call",
    "CassetteError",
    "Clock",
    "ConnectionFailed",
    "Effect",
    "FlowClient",
    "FlowError",
    "Group",
    "JobFailed",
    "JobState",
    "ManualClock",
    "Operation",
    "OperationError",
    "PluginError",
    "Reply",
    "Request",
    "Response",
    "Retry",
    "Route",
    "ServerError",
    "ServerLine",
    "Session",
    "SystemClock",
    "TimedOut",
    "TransportError",
    "UnknownKey",
    "UnsupportedOperation",
    "UnsupportedServer",
    "__version__",
    "hookimpl",
    "read_output",
    "read_output_rows",
    "renew_in_children",
]

# The client takes a fraction of a second to import, which a command line or a server need not spend on its help.
_HOMES = {
    "ArchiveError": "errors",
    "ArgumentError": "errors",
    "Call": "call.model",
    "CassetteError": "errors",
    "Clock": "clock",
    "ConnectionFailed": "errors",
    "Effect": "call.operation",
    "FlowClient": "client",
    "FlowError": "errors",
    "Group": "groups.base",
    "JobFailed": "errors",
    "JobState": "call.model",
    "ManualClock": "clock",
    "OPERATIONS": "operations",
    "Operation": "call.operation",
    "OperationError": "errors",
    "PluginError": "errors",
    "Reply": "reply",
    "Request": "call.messages",
    "Response": "call.messages",
    "Retry": "call.attempts",
    "Route": "call.operation",
    "ServerError": "errors",
    "ServerLine": "servers",
    "Session": "call.model",
    "SystemClock": "clock",
    "TimedOut": "errors",
    "TransportError": "errors",
    "UnknownKey": "inputs.known_keys",
    "UnsupportedOperation": "errors",
    "UnsupportedServer": "errors",
    "hookimpl": "call.markers",
    "read_output": "frames.output",
    "read_output_rows": "frames.output",
    "renew_in_children": "forks",
}


def __getattr__(name: str) -> Any:
    """Import a public name, or a module, when it is first asked for."""
    if name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        value = _load_module(name)
    globals()[name] = value
    return value


def _load_module(name: str) -> Any:
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
