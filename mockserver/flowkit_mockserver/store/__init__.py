"""Where the server keeps its state: documents, rows of tables, files."""

from flowkit_mockserver.store.blobs import Blobs
from flowkit_mockserver.store.claims import Claims, LocalClaims
from flowkit_mockserver.store.database import (
    Collection,
    NotStored,
    StateDamaged,
    Store,
    StoreInUse,
)
from flowkit_mockserver.store.rows import RowStore

__all__ = [
    "Blobs",
    "Claims",
    "Collection",
    "LocalClaims",
    "NotStored",
    "RowStore",
    "StateDamaged",
    "Store",
    "StoreInUse",
]
