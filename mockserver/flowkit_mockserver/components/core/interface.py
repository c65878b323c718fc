"""What a component is given and what it hands back: the one seam between the jobs and the algorithms.

A component kind is a function ``run(ComponentRun) -> {party: PartyResult}``: tables, parameters and the models of
earlier components come in; metrics, a summary, a model and tables come out, for every party at once. It keeps no state,
asks no clock and touches the store through the callables of its `ComponentRun` only.

`run.run_component` finds the function of ``run.module`` and calls it. A party that produced nothing is either absent
from the answer or has an empty `PartyResult`.

Tables. The records of a table are pairs of a key and a value; how a value shows depends on `TableData.kind`:

=============  ====================================================================  ==================================
kind           value                                                                 schema
=============  ====================================================================  ==================================
``text``       the line without its key, ``"1,0.3,…"``                               ``header`` ("y,x0,x1"), ``sid``
``instance``   a list: label (when `labelled`), features, weight (when `weighted`)   ``header`` (["x0", "x1"]),
                                                                                     ``sid_name``, ``label_name``,
                                                                                     ``labelled``, ``weighted``
``prediction`` a list: label, result, score, detail (a dict), type; or other lists   ``header`` (a list), ``sid_name``,
               with columns of their own                                             ``int_detail`` (see `cells`)
=============  ====================================================================  ==================================

In memory and in the store they are columns (`flowkit_mockserver.columns`): ``TextRows`` for text, ``Columns`` for all
else; pairs are what they yield when they are gone through to be shown. `columns` and `cells` say how a table shows to
a user. Records come in the order of `order_of`; components that depend on the order sort for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flowkit_mockserver.dialects.behaviour import FIRST_BEHAVIOUR, Behaviour
from flowkit_mockserver.party import Party

__all__ = [
    "ComponentFailed",
    "ComponentRun",
    "LoadedModel",
    "Metric",
    "Model",
    "PartyResult",
    "Records",
    "TableData",
    "cells",
    "columns",
    "order_of",
]


class Records(Protocol):
    """Pairs of key and value that can be counted and gone through more than once.

    Columns, text rows, rows of the store (which come in blocks), or a list of pairs.
    """

    def __len__(self) -> int:
        """How many records there are."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The records in the order of the table."""


@dataclass(frozen=True)
class TableData:
    """A table by value; `records` may be lazy, and a component that changes nothing hands the same object on."""

    kind: str
    schema: Mapping[str, Any]
    records: Records
    partitions: int = 4


def columns(kind: str, schema: Mapping[str, Any]) -> list[str | None] | None:
    """Return the column names of a (non-empty) table with the id column first; None when a table has none."""
    if not schema:
        return ["sid"]
    first = schema.get("sid_name", "sid")
    header = schema.get("header")
    if kind == "text":
        if header:
            return [first, *str(header).split(",")]
        if schema.get("sid"):
            return [schema["sid"]]
        # A table that says how its ids are called, and calls them nothing, has no line of names.
        return [] if schema.get("sid_name") == "" else None
    names: list[str | None] = [first]
    if schema.get("matched"):
        names.append(schema.get("match_id_name"))
    if schema.get("labelled"):
        names.append(schema.get("label_name"))
    if schema.get("weighted") and schema.get("weight_first"):
        names.append("weight")
    names.extend(header or [])
    if schema.get("weighted") and not schema.get("weight_first"):
        names.append("weight")
    return names


def cells(kind: str, schema: Mapping[str, Any], key: str, value: Any) -> list[Any]:
    """Return one row as it shows: the key, then the columns.

    One-vs-rest models have integer classes in the detail of a prediction, which JSON cannot hold as keys: the schema
    flag ``int_detail`` says that ``str()`` of the detail has to show them as integers again. A key that had been made
    an integer (stratified upsampling) is shown by the schema flag ``int_keys`` as one.
    """
    shown: Any = int(key) if schema.get("int_keys") else key
    if kind == "text":
        return [shown, *str(value).split(",")]
    row = [shown, *value]
    if schema.get("int_detail"):
        row = [
            {int(name): score for name, score in cell.items()} if isinstance(cell, dict) else cell
            for cell in row
        ]
    return row


def order_of(key: str) -> tuple[int, bytes]:
    """Return the sort key by which tables are ordered: by length, then by bytes."""
    raw = key.encode()
    return len(raw), raw


@dataclass(frozen=True)
class Metric:
    """One metric: `data` is a list of [key, value], `meta` always has `name` and `metric_type`."""

    data: list[list[Any]]
    meta: dict[str, Any]


@dataclass(frozen=True)
class Model:
    """What a component learned on one party.

    Attributes:
        module: the component kind, e.g. ``HeteroLR``.
        meta_name: name of the meta buffer in the pipelined model, e.g. ``HeteroLogisticRegressionMeta``.
        meta: the meta buffer as JSON: what a user sees as ``meta.meta_data``.
        param_name: name of the parameter buffer, e.g. ``HeteroLogisticRegressionParam``.
        param: the parameter buffer as JSON: what a user sees as ``data``.
        meta_message: protobuf message of the meta buffer, e.g. ``LRModelMeta``.
        param_message: protobuf message of the parameter buffer, e.g. ``LRModelParam``.
        state: what a later prediction needs beside `param`; JSON, private to the component kind.
    """

    module: str
    meta_name: str
    meta: dict[str, Any]
    param_name: str
    param: dict[str, Any]
    meta_message: str
    param_message: str
    state: dict[str, Any] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return the model as plain JSON."""
        return dict(vars(self))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Model:
        """Return the model that `to_document` had turned into JSON."""
        return cls(**document)


@dataclass(frozen=True)
class Cache:
    """Ids that a party keeps for later intersections.

    Attributes:
        tables: by the id of the other party the ids that they have agreed on.
        meta: by the same what was agreed on: `cache_id`, `intersect_meta` and `intersect_key`.
        record: what the server knows of it: its name, key, job, component and task; empty until it is stored.
    """

    tables: Mapping[str, TableData]
    meta: Mapping[str, Mapping[str, Any]]
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class PartyResult:
    """What a component leaves behind on one party.

    Attributes:
        tables: output tables; the i-th is named by the i-th alias of the DSL, else by the text of i.
        metrics: namespace → name → metric.
        summary: None or empty: the component set none.
        model: None: the component exported none.
        data_names: names for `tables` where the rule above does not hold (a Reader without an alias).
        stored: tables that the component stored itself (Upload): data name, namespace, name.
        warnings: what of this result is not what FATE computes, a sentence each; they go into the log of the task.
        cache: ids that later components and jobs can start from; None for none.
    """

    tables: list[TableData] = field(default_factory=list)
    metrics: dict[str, dict[str, Metric]] = field(default_factory=dict)
    summary: dict[str, Any] | None = None
    model: Model | None = None
    data_names: list[str] | None = None
    stored: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cache: Cache | None = None
    checkpoints: dict[int, Model] = field(default_factory=dict)

    def add_metric(self, namespace: str, name: str, metric: Metric) -> None:
        """Set one metric."""
        self.metrics.setdefault(namespace, {})[name] = metric


def _no_table(namespace: str, name: str, party: Party | None = None) -> TableData | None:
    return None


def _no_store(namespace: str, name: str, table: TableData, destroy: bool) -> int:
    raise RuntimeError(f"no store to write {namespace}.{name} to")


def _no_file(path: str, lines: Iterable[str]) -> None:
    raise RuntimeError(f"no disk to write {path} to")


def _no_caches(party: Party, asked: Mapping[str, Any]) -> list[Cache]:
    return []


def _no_models(parameters: Mapping[str, Any]) -> None:
    raise RuntimeError("no model storage is reachable")


@dataclass(frozen=True)
class LoadedModel:
    """What an earlier job saved of a component on one party.

    Attributes:
        model: its model; None if there is none.
        alias: the alias of the model.
        steps: index of a step → its checkpoint, as checkpoint/list shows it.
        step_models: index of a step → the model as it was then.
    """

    model: Model | None = None
    alias: str = "model"
    steps: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    step_models: Mapping[int, Model] = field(default_factory=dict)


def _no_earlier_job(party: Party, model_id: str, version: str, component: str) -> LoadedModel:
    return LoadedModel()


class ReadTable(Protocol):
    """How a component reads a stored table."""

    def __call__(
        self, namespace: str, name: str, party: Party | None = None
    ) -> TableData | None: ...


@dataclass(frozen=True)
class ComponentRun:
    """One component of one job, about to run on all its parties.

    Attributes:
        job_id: the job; results never depend on it.
        component: name in the DSL, e.g. ``hetero_lr_0``.
        module: kind, e.g. ``HeteroLR``.
        job_type: ``train`` or ``predict``.
        seed: the only source of chance, beside the data.
        parties: those that run the component (arbiter included where the kind has one).
        parameters: per party the stored object, in which ``<X>Param`` is the parameter of the component.
        inputs: per party, per data key (data, train_data, validate_data, test_data, eval_data) the tables in the order
            of the DSL, each with the name of the component that put it out. A source without a table is left out.
        models: per party its own model: when predicting, or when the DSL has an ``input.model``.
        isometric: per party the models of ``input.isometric_model``.
        caches: per party what ``input.cache`` refers to; None where there is none.
        aliases: ``output.data`` of the DSL.
        read_table: (namespace, name, party) → the table at the server of the party, or None (Reader, Download).
            Without a party: at that of the initiator.
        write_table: (namespace, name, table, destroy) → number of distinct keys (Upload). `table.records` streams.
        locate: server path of a file → where its content really lies (Upload).
        write_file: (server path of a file, lines) → writes the file, all of it or nothing (Download).
        find_caches: (party, parameters) → the caches of that party that the parameters of a CacheLoader name.
        behaviour: what components of the line that the server plays compute otherwise.
        store_model, restore_model: carry out ModelStore and ModelRestore with the given parameters.
        load_model: (party, model id, model version, component) → what was saved there (ModelLoader).
    """

    job_id: str
    component: str
    module: str
    job_type: str
    seed: int
    parties: list[Party]
    parameters: Mapping[Party, Mapping[str, Any]]
    inputs: Mapping[Party, Mapping[str, list[tuple[str, TableData]]]] = field(default_factory=dict)
    models: Mapping[Party, Model | None] = field(default_factory=dict)
    isometric: Mapping[Party, list[Model]] = field(default_factory=dict)
    caches: Mapping[Party, list[Cache | None]] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    behaviour: Behaviour = FIRST_BEHAVIOUR
    read_table: ReadTable = _no_table
    write_table: Callable[[str, str, TableData, bool], int] = _no_store
    locate: Callable[[str], Path] = Path
    write_file: Callable[[str, Iterable[str]], None] = _no_file
    find_caches: Callable[[Party, Mapping[str, Any]], list[Cache]] = _no_caches
    store_model: Callable[[Mapping[str, Any]], None] = _no_models
    restore_model: Callable[[Mapping[str, Any]], None] = _no_models
    load_model: Callable[[Party, str, str, str], LoadedModel] = _no_earlier_job


class ComponentFailed(Exception):
    """A component failed on a party; the task ends as failed there.

    Args:
        message: the text that goes into the log of the task.
        party: the party whose side failed.
    """

    def __init__(self, message: str, party: Party) -> None:
        super().__init__(message)
        self.message = message
        self.party = party

    @classmethod
    def by(cls, problem: Exception, party: Party) -> ComponentFailed:
        """Return the failure by an exception; what is no ValueError is named before its text, as in a traceback."""
        text = str(problem)
        if not isinstance(problem, ValueError):
            text = ": ".join(filter(None, (type(problem).__name__, text)))
        return cls(text, party)

    def __reduce__(self) -> tuple[type[ComponentFailed], tuple[str, Party]]:
        """Return what makes it anew in another process."""
        return ComponentFailed, (self.message, self.party)
