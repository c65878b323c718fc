"""Model rows: the table that `model/query`, tags and a few checks look at, apart from the caches themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flowkit.clock import Clock
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import model_key, party_model_id
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Collection

__all__ = ["COLUMNS", "ModelRows"]

Row = dict[str, Any]

#: The columns in the order of the answers; those that a new row does not name have these values.
COLUMNS: Mapping[str, Any] = {
    "f_create_time": None,
    "f_create_date": None,
    "f_update_time": None,
    "f_update_date": None,
    "f_role": None,
    "f_party_id": None,
    "f_roles": {},
    "f_job_id": None,
    "f_model_id": None,
    "f_model_version": None,
    "f_loaded_times": 0,
    "f_size": 0,
    "f_description": "",
    "f_initiator_role": None,
    "f_initiator_party_id": None,
    "f_runtime_conf": {},
    "f_work_mode": 0,
    "f_train_dsl": {},
    "f_train_runtime_conf": {},
    "f_imported": 0,
    "f_job_status": None,
    "f_runtime_conf_on_party": {},
    "f_fate_version": "",
    "f_parent": None,
    "f_parent_info": {},
    "f_inference_dsl": {},
}
#: Columns that only later lines have.
_LATER = ("f_archive_sha256", "f_archive_from_ip")
_FILTERS = ("model_version", "model_id", "role", "party_id")
_TEXTS = ("f_party_id", "f_initiator_party_id")


class ModelRows:
    """The rows of all models, one for each party, in the order in which they were made.

    Args:
        documents: where they are kept.
        clock: the server's time.
        absent: the columns that the rows of this server do not have.
    """

    def __init__(self, documents: Collection, clock: Clock, absent: Iterable[str] = _LATER) -> None:
        self._clock = clock
        gone = frozenset(absent)
        # The later lines take any column for a filter.
        self._any_column = not gone.issuperset(_LATER)
        self._columns = tuple(name for name in (*COLUMNS, *_LATER) if name not in gone)
        self._rows = documents

    def add(self, values: Mapping[str, Any]) -> bool:
        """Make a row from columns without their ``f_``; False when the model has one on this party."""
        row = dict(COLUMNS) | {f"f_{name}": value for name, value in values.items()}
        key = model_key(
            party_model_id(Party.of(row["f_role"], row["f_party_id"]), row["f_model_id"]),
            row["f_model_version"],
        )
        if key in self._rows:
            return False
        self._make(key, row)
        return True

    def replace(self, values: Mapping[str, Any]) -> None:
        """Make a row, or put it in place of the one that the model has on this party."""
        row = dict(COLUMNS) | {f"f_{name}": value for name, value in values.items()}
        party = Party.of(row["f_role"], row["f_party_id"])
        key = model_key(party_model_id(party, row["f_model_id"]), row["f_model_version"])
        if key in self._rows:
            del self._rows[key]
        self._make(key, row)

    def count_load(self, party: Party, model_id: object, model_version: object) -> None:
        """Note in the row of a model that a serving loaded it; nothing happens when it has no row on this party."""
        key = model_key(party_model_id(party, model_id), model_version)
        if (row := self._rows.get(key)) is None:
            return
        changed = {"f_loaded_times": row["f_loaded_times"] + 1}
        if self._any_column:  # the first lines leave the time of an update as it was
            changed["f_update_time"] = int(self._clock.now() * 1000)
        self._rows[key] = {**row, **changed}

    def is_loaded(self, party: Party, model_id: object, model_version: object) -> bool:
        """Say whether a serving has loaded a party's part of a model."""
        row = self._rows.get(model_key(party_model_id(party, model_id), model_version))
        return row is not None and bool(row["f_loaded_times"])

    def _make(self, key: str, row: Row) -> None:
        moment = int(self._clock.now() * 1000)
        row |= {"f_create_time": moment, "f_update_time": moment}
        row |= {name: str(row[name]) for name in _TEXTS}
        self._rows[key] = row

    def find(self, **columns: Any) -> Iterator[Row]:
        """Yield the rows whose columns (without ``f_``) have these values; values compare as text."""
        wanted = {f"f_{name}": str(value) for name, value in columns.items()}
        rows: Iterable[Row] = self._rows.values()
        if (version := wanted.get("f_model_version")) is not None:
            rows = (self._rows[key] for key in self._rows.labelled(version))
        for row in rows:
            if all(str(row[name]) == value for name, value in wanted.items()):
                yield row

    def remove(self, model_version: str) -> None:
        """Remove the rows of a version."""
        for key in self._rows.labelled(model_version):
            del self._rows[key]

    def query(self, arguments: Mapping[str, Any]) -> list[Row]:
        """Return what `model/query` answers: filters that are empty do not count.

        Args:
            arguments: `model_version`, `model_id`, `role`, `party_id`, and `query_filters`, a list of columns
                without ``f_``; unknown ones are passed over, and only unknown ones mean all columns.

        Raises:
            Refusal: the later lines have no SQL for an empty list.
        """
        wanted = {name: arguments[name] for name in _FILTERS if arguments.get(name)}
        if self._any_column:
            wanted = {
                name: given for name, given in arguments.items() if f"f_{name}" in self._columns
            }
            if [] in wanted.values():
                raise Refusal('SQLError: near ")": syntax error')
        chosen: Sequence[str] = ()
        if isinstance(filters := arguments.get("query_filters"), list):
            chosen = [f"f_{name}" for name in filters if f"f_{name}" in self._columns]
        return [dict(_select_columns(row, chosen or self._columns)) for row in self.find(**wanted)]


def _select_columns(row: Row, columns: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name in columns:
        if name.endswith("_date"):
            moment = time.localtime(row[f"{name.removesuffix('date')}time"] // 1000)
            yield name, time.strftime("%Y-%m-%d %H:%M:%S", moment)
        else:
            yield name, row.get(name)
