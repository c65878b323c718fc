"""A mock of FATE Flow 1.6.1: the whole HTTP API, and jobs at the pace one chooses."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.app import create_app
    from flowkit_mockserver.control.snapshots.snapshot import Snapshot, SnapshotError
    from flowkit_mockserver.control.worlds.namespace import Namespace
    from flowkit_mockserver.kinds.kind import Kind
    from flowkit_mockserver.server import MockServer
    from flowkit_mockserver.settings import Settings
    from flowkit_mockserver.state import ServerState
    from flowkit_mockserver.store import StateDamaged, StoreInUse, StoreUnreachable

__all__ = [
    "Kind",
    "MockServer",
    "Namespace",
    "ServerState",
    "Settings",
    "Snapshot",
    "SnapshotError",
    "StateDamaged",
    "StoreInUse",
    "StoreUnreachable",
    "create_app",
]

# Flask takes a fifth of a second to import, which a command line need not spend on its help.
_HOMES = {
    "Kind": "kinds.kind",
    "MockServer": "server",
    "Namespace": "control.worlds.namespace",
    "ServerState": "state",
    "Settings": "settings",
    "Snapshot": "control.snapshots.snapshot",
    "SnapshotError": "control.snapshots.snapshot",
    "StateDamaged": "store",
    "StoreInUse": "store",
    "StoreUnreachable": "store",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
