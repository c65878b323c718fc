"""The way of a component to the tables, files and models of the server, while it computes without the lock.

Tables that it reads stay as they are until it is through. What it stores is no table before its result is kept, so that
a task that was stopped meanwhile leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    LoadedModel,
    Model,
    TableData,
)
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.files.checkpoints import checkpoint_entry

if TYPE_CHECKING:
    from flowkit_mockserver.data.paths import PathPolicy
    from flowkit_mockserver.data.stored import StoredUpload
    from flowkit_mockserver.data.tables import Tables
    from flowkit_mockserver.models.cache import Checkpoint
    from flowkit_mockserver.models.service import Models
    from flowkit_mockserver.party import Party
    from flowkit_mockserver.store.rows import Pin

__all__ = ["Access"]


class Access:
    """What one computation reads and writes; its methods are the callables of a `ComponentRun`.

    Args:
        tables: the tables of the server.
        models: its models.
        paths: which files jobs may name.
        new_file: makes an empty file of the server's own.
        content: the file that came with the request of an upload; None when the server has to look for it.
        initiator: the party on which files fail that cannot be used.
        site_of: at whose server the tables and models of a party are.
    """

    def __init__(
        self,
        tables: Tables,
        models: Models,
        paths: PathPolicy,
        new_file: Callable[[], Path],
        content: str | None,
        initiator: Party,
        site_of: Callable[[Party], str] = lambda party: party.party_id,
    ) -> None:
        self.site_of = site_of
        self._tables = tables
        self._models = models
        self._paths = paths
        self._new_file = new_file
        self._content = None if content is None else Path(content)
        self._initiator = initiator
        self._copy: Path | None = None
        self._pins: list[Pin] = []
        self._uploads: list[StoredUpload] = []

    def read_table(self, namespace: str, name: str, party: Party | None = None) -> TableData | None:
        """Return a table, whose rows stay where they are until `release`; None when there is none.

        Args:
            namespace: first half of its identity.
            name: second half.
            party: at whose server it is; None for the initiator.
        """
        with self._tables.lock:
            table = self._tables.at(self.site_of(party or self._initiator)).get(namespace, name)
            if table is None:
                return None
            if table.rows_id is not None:
                self._pins.append(self._tables.rows.pin(table.rows_id))
            return self._tables.as_data(table)

    def write_table(self, namespace: str, name: str, table: TableData, destroy: bool) -> int:
        """Store the rows of a table, which is there once the result is kept; return how many keys it has."""
        stored = self._own_tables().store_upload(namespace, name, table, destroy)
        self._uploads.append(stored)
        return stored.rows.count

    def _own_tables(self) -> Tables:
        return self._tables.at(self.site_of(self._initiator))

    def locate(self, text: str) -> Path:
        """Return the file of an upload: that of the request, or a copy of one on this machine."""
        if self._content is not None:
            return self._tables.find_file(self._content)
        if self._copy is None:
            self._copy = self._new_file()
            try:
                self._paths.copy(text, self._copy)
            except FileNotFoundError:
                return self._copy.with_name("absent")
            except (Refusal, OSError) as refused:
                raise ComponentFailed(str(refused), self._initiator) from refused
        return self._copy

    def write_file(self, text: str, lines: Iterable[str]) -> None:
        """Write a file, all of it or nothing."""
        try:
            self._paths.write(text, lines)
        except (Refusal, OSError) as refused:
            raise ComponentFailed(str(refused), self._initiator) from refused

    def store_model(self, parameters: Mapping[str, Any]) -> None:
        """Put a model into the model storage."""
        try:
            self._models.store_model(
                parameters["model_id"],
                parameters["model_version"],
                bool(parameters.get("force_update")),
            )
        except Refusal as refused:
            raise RuntimeError(refused.retmsg) from refused

    def restore_model(self, parameters: Mapping[str, Any]) -> None:
        """Fetch a model from the model storage."""
        try:
            self._models.restore_model(parameters["model_id"], parameters["model_version"])
        except Refusal as refused:
            raise RuntimeError(refused.retmsg) from refused

    def load_model(
        self, party: Party, model_id: str, model_version: str, component: str
    ) -> LoadedModel:
        """Return the model of a component that an earlier job saved, with its checkpoints; an empty one if none did."""
        with self._tables.lock:
            models = self._models.at(self.site_of(party))
            cache = models.cache(party, model_id, model_version)
        saved = None if cache is None else cache.components.get(component)
        if cache is None or saved is None:
            return LoadedModel()
        alias, document = next(iter(saved["models"].items()))
        saved_steps = {one["step_index"]: one for one in cache.checkpoints.get(component, [])}
        return LoadedModel(
            Model.from_document(document),
            alias,
            {step: _shown(one) for step, one in saved_steps.items()},
            {step: Model.from_document(one["model"]) for step, one in saved_steps.items()},
        )

    # Under the server's lock

    def keep_uploads(self) -> None:
        """Let the tables be there whose rows were stored."""
        while self._uploads:
            self._own_tables().register_upload(self._uploads.pop(0))

    def release(self) -> None:
        """Let go of what was read, and drop what was stored and not kept."""
        while self._uploads:
            self._tables.drop_rows(self._uploads.pop().rows)
        while self._pins:
            self._tables.rows.unpin(self._pins.pop())

    def forget_copy(self) -> None:
        """Drop the copy of a file of this machine; one that came with a request belongs to the job."""
        copy, self._copy = self._copy, None
        if copy is not None:
            self._tables.forget(copy)


def _shown(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what is listed of a checkpoint, but for its buffers."""
    entry = checkpoint_entry(checkpoint)
    return {key: value for key, value in entry.items() if key != "models"}
