"""HeteroKmeans: clusters of samples whose columns lie with several parties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.columns.ids import as_ids
from flowkit_mockserver.columns.parts import Constant, Part, Values
from flowkit_mockserver.columns.records import Columns
from flowkit_mockserver.components.core.federation import Federation
from flowkit_mockserver.components.core.guards import check_table, guarded
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Metric,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.random_state import NumpyRandom
from flowkit_mockserver.components.core.run import (
    data_keys,
    instances,
    parameter,
    parties,
    predicts_nothing,
)
from flowkit_mockserver.components.evaluation.regression_clustering_metric import davies_bouldin
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["cluster"]

_FEWEST = 2
Floats = NDArray[np.float64]


class _Clusters:
    """Centroids, and how a set of points lies around them.

    Args:
        centroids: shape (k, d).
        points: shape (n, d).

    Attributes:
        members: shape (n,): the nearest centroid of each point.
        squares: shape (n,): the squared distance to it.
        sizes: shape (k,): how many points each cluster has.
        moved: shape (k, d): the means of the clusters; the centroid where a cluster is empty.
        inner: shape (k,): the mean distance of a cluster's points from its mean.
    """

    def __init__(self, centroids: Floats, points: Floats) -> None:
        self.centroids = centroids
        count = len(centroids)
        squares = np.stack([((points - one) ** 2).sum(axis=1) for one in centroids], axis=1)
        self.members = squares.argmin(axis=1)
        self.squares: Floats = np.take_along_axis(squares, self.members[:, None], axis=1)[:, 0]
        self.sizes = np.bincount(self.members, minlength=count)
        sums = np.stack([np.bincount(self.members, column, count) for column in points.T], axis=1)
        filled = np.maximum(self.sizes, 1)
        self.moved: Floats = np.where(self.sizes[:, None] > 0, sums / filled[:, None], centroids)
        distances = np.sqrt(((points - self.moved[self.members]) ** 2).sum(axis=1))
        self.inner: Floats = np.bincount(self.members, distances, count) / filled

    @property
    def filled(self) -> list[int]:
        """The numbers of the clusters that are not empty."""
        return [int(number) for number in np.flatnonzero(self.sizes)]

    def radius(self) -> Floats:
        """Return the widest squared distance within each cluster, shape (k,)."""
        widest = np.zeros(len(self.centroids))
        np.maximum.at(widest, self.members, self.squares)
        return widest

    def between(self) -> list[float]:
        """Return the squared distances of the means of all clusters from each other."""
        squares = ((self.moved[:, None] - self.moved[None]) ** 2).sum(axis=2)
        others: list[float] = squares[~np.eye(len(squares), dtype=bool)].tolist()
        return others

    def index(self) -> float:
        """Return the Davies-Bouldin index of the clusters around their means.

        Raises:
            ValueError: all points are in one cluster.
        """
        inner = self.inner[self.filled].tolist()
        if len(inner) == 1:
            raise ValueError("Only one class detected. DBI calculation error")
        try:
            value = davies_bouldin(inner, self.between())
        except ZeroDivisionError:
            return 0.0
        return value if math.isfinite(value) else 0.0


def _fit(
    points: Floats, asked: Mapping[str, Any], seed: int, watched: int
) -> tuple[_Clusters, list[float], bool]:
    """Return the clusters, the index of each round, and whether they came to rest.

    Args:
        points: shape (n, d).
        asked: the parameters.
        seed: unless the user gives one.
        watched: the arbiter looks whether the first so many coordinates rest: those of the guest and the first host.

    Raises:
        ValueError: there are too few points, or they all fall into one cluster.
    """
    count = asked["k"]
    if not _FEWEST <= count <= len(points):
        raise ValueError("K is too larger or too samll for current data")
    state = asked["random_stat"]
    drawn = NumpyRandom(seed if state is None else int(state)).permutation(len(points))[:count]
    clusters = _Clusters(points[np.sort(drawn)], points)
    indices = [clusters.index()]
    converged = False
    for _ in range(asked["max_iter"]):
        moves = (clusters.moved - clusters.centroids)[:, :watched]
        converged = bool((moves**2).sum() < asked["tol"])
        clusters = _Clusters(clusters.moved, points)
        indices.append(clusters.index())
        if converged:
            break
    return clusters, indices, converged


def _model(
    asked: Mapping[str, Any],
    clusters: _Clusters | None,
    *,
    rounds: int = 0,
    converged: bool = False,
    header: Sequence[str] = (),
    columns: slice = slice(0, 0),
) -> Model:
    values: dict[str, Any] = {}
    if clusters is not None:
        total = len(clusters.members)
        values = {
            "countOfClusters": len(clusters.centroids),
            "maxInteration": rounds,
            "converged": converged,
            "header": header,
            "clusterDetail": [
                message("Clusterdetail", cluster=[float(i), float(n), n / total])
                for i, n in enumerate(clusters.sizes.tolist())
            ],
            "centroidDetail": [
                message("Centroiddetail", centroid=centroid[columns].tolist())
                for centroid in clusters.centroids
            ],
        }
    meta = message("KmeansModelMeta", k=asked["k"], tol=asked["tol"], maxIter=asked["max_iter"])
    return saved_model("HeteroKmeans", meta, message("KmeansModelParam", **values))


def _table(
    schema: dict[str, Any], data: Instances, ids: Any, parts: Sequence[Part], mode: str
) -> TableData:
    rows = Columns(ids, [*parts, Constant(mode, len(ids))])
    return TableData("prediction", schema, rows, data.partitions)


def _own_table(data: Instances, clusters: _Clusters, mode: str) -> TableData:
    labels = np.full(len(data), None, dtype=object) if data.labels is None else data.labels
    schema = {"header": ["label", "predicted label"], "sid_name": data.extra.get("sid_name")}
    if data.extra.get("int_keys"):
        schema["int_keys"] = True
    return _table(schema, data, data.ids, [Values(labels), Values(clusters.members)], mode)


def _arbiter_tables(data: Instances, clusters: _Clusters, mode: str) -> list[TableData]:
    filled = clusters.filled
    distances = np.empty(len(filled), dtype=object)
    distances[:] = [clusters.between() for _ in filled]
    details: list[Part] = [
        Values(array)
        for array in (
            clusters.sizes[filled],
            clusters.inner[filled],
            clusters.radius()[filled],
            distances,
        )
    ]
    first = {
        "sid_name": "cluster_index",
        "header": ["cluster_sample_count", "cluster_inner_dist", "inter_cluster_dist"],
    }
    second: dict[str, Any] = {
        "sid_name": "id",
        "header": ["predicted_cluster_index", "distance"],
    }
    if data.extra.get("int_keys"):
        second["int_keys"] = True
    samples: list[Part] = [Values(clusters.members), Values(clusters.squares)]
    return [
        _table(first, data, as_ids(map(str, filled)), details, mode),
        _table(second, data, data.ids, samples, mode),
    ]


def _named(table: TableData, header: list[str]) -> TableData:
    return replace(table, schema={**table.schema, "header": header})


def _loaded(models: Sequence[Model]) -> Floats:
    """Return the centroids of fitted models, the columns of all parties side by side."""
    return np.concatenate(
        [
            np.array(
                [
                    [float(value) for value in detail["centroid"]]
                    for detail in model.param["centroidDetail"]
                ]
            )
            for model in models
        ],
        axis=1,
    )


def _tables(run: ComponentRun) -> dict[Party, Instances]:
    keys = ("train_data",) if "train_data" in data_keys(run) else ("test_data", "eval_data", "data")
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            raise ComponentFailed("input data is None", party)
        with guarded(party):
            check_table(data, names=False)
        tables[party] = data
    return tables


def cluster(run: ComponentRun) -> dict[Party, PartyResult]:
    """Cluster the common samples, or assign samples to clusters found before."""
    federation = Federation(_tables(run))
    tables = federation.tables
    points = np.concatenate(federation.features, axis=1)
    asked = parameter(run, run.parties[0])
    fitted = [model for party in tables if (model := run.models.get(party)) is not None]
    predicting = len(fitted) == len(tables)
    indices: list[float] = []
    converged = False
    with guarded(next(iter(tables))):
        if predicting:
            clusters = _Clusters(_loaded(fitted), points)
        else:
            watched = sum(data.width for data in list(tables.values())[:2])
            clusters, indices, converged = _fit(points, asked, run.seed, watched)
    mode = "predict" if predicting else "train"
    results: dict[Party, PartyResult] = {}
    at = 0
    for party, data in tables.items():
        model = _model(
            asked,
            clusters,
            rounds=max(0, len(indices) - 1),
            converged=converged,
            header=data.header,
            columns=slice(at, at + data.width),
        )
        at += data.width
        table = _own_table(data, clusters, mode)
        if run.behaviour.named_clusters:
            table = _named(table, ["label", "predicted_label", "type"])
        results[party] = PartyResult([table], model=model)
    for party in parties(run, "arbiter"):
        tables_of_arbiter = _arbiter_tables(federation.guest, clusters, mode)
        if run.behaviour.named_clusters:
            tables_of_arbiter = [
                _named(table, [*table.schema["header"], "type"]) for table in tables_of_arbiter
            ]
        result = PartyResult(tables_of_arbiter, model=_model(asked, None))
        if not predicting:
            meta = {
                "name": "train",
                "metric_type": "DBI",
                "unit_name": "iters",
                "curve_name": "DBI",
            }
            result.add_metric("train", "DBI", Metric([[i, v] for i, v in enumerate(indices)], meta))
        results[party] = result
    if predicts_nothing(run):
        for result in results.values():
            result.tables = []
    return results
