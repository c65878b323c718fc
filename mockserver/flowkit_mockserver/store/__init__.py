"""Where the server keeps its state: documents, rows of tables, files."""

from flowkit_mockserver.store.blobs import Blobs
from flowkit_mockserver.store.database import Collection, Store, StoreInUse
from flowkit_mockserver.store.rows import RowStore

__all__ = ["Blobs", "Collection", "RowStore", "Store", "StoreInUse"]
