"""Which server's state it is that a store keeps: one line does not read the jobs and models of another."""

from __future__ import annotations

from flowkit.servers import line_of
from flowkit_mockserver.store.database import Store
from flowkit_mockserver.store.errors import StateDamaged

__all__ = ["check_origin", "note_origin"]

_COLLECTION, _KEY = "control", "origin"


def check_origin(store: Store, fate_version: str) -> None:
    """Check that a state is of the line of the server that opens it; one that holds nothing is of any.

    Args:
        store: keeps the state.
        fate_version: the version that the server says it is.

    Raises:
        StateDamaged: it is of another line; the text names both, and the way out.
    """
    noted = store.collection(_COLLECTION).get(_KEY)
    if noted is None:
        return
    before = str(noted["fate_version"])
    holds_something = any(len(store.collection(name)) for name in store.names())
    if holds_something and line_of(before) != line_of(fate_version):
        raise StateDamaged(
            f"the state in {store.name} is that of a server of FATE {before}, and this one is FATE {fate_version}:"
            f" start it with --fate-version {before}, or keep its own state elsewhere"
        )


def note_origin(store: Store, fate_version: str) -> None:
    """Note of a state that is kept which server's it is."""
    origin = {"fate_version": fate_version}
    collection = store.collection(_COLLECTION)
    if store.durable and collection.get(_KEY) != origin:
        collection[_KEY] = origin
