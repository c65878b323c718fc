"""Where the server keeps its state: documents, rows of tables, files."""

from flowkit_mockserver.store.blobs import Blobs
from flowkit_mockserver.store.claims import Claims, LocalClaims
from flowkit_mockserver.store.database import Store
from flowkit_mockserver.store.errors import (
    Dropped,
    Interrupted,
    NotStored,
    Outdated,
    StateDamaged,
    StoreInUse,
    StoreUnreachable,
    TooManyNamespaces,
)
from flowkit_mockserver.store.interface import Collection
from flowkit_mockserver.store.parts import StorePart, part_of, without_part
from flowkit_mockserver.store.rows import RowStore

__all__ = [
    "Blobs",
    "Claims",
    "Collection",
    "Dropped",
    "Interrupted",
    "LocalClaims",
    "NotStored",
    "Outdated",
    "RowStore",
    "StateDamaged",
    "Store",
    "StoreInUse",
    "StorePart",
    "StoreUnreachable",
    "TooManyNamespaces",
    "part_of",
    "without_part",
]
