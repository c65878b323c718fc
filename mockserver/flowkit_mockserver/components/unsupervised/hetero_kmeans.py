"""HeteroKmeans: clusters of samples whose columns lie with several parties."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

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
from flowkit_mockserver.components.evaluation.regression_clustering_metric import davies_bouldin
from flowkit_mockserver.components.rows.federation import Federation
from flowkit_mockserver.components.rows.instance import Instances
from flowkit_mockserver.components.rows.run import data_keys, instances, parameter, parties
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["cluster"]

_FEWEST = 2
Points = list[list[float]]


def _square(one: Sequence[float], two: Sequence[float]) -> float:
    return sum((a - b) * (a - b) for a, b in zip(one, two, strict=True))


class _Clusters:
    """Centroids, and how a set of points lies around them."""

    def __init__(self, centroids: Points, points: Points) -> None:
        self.centroids = centroids
        self.members: list[int] = []
        self.squares: list[float] = []
        for point in points:
            distances = [_square(point, centroid) for centroid in centroids]
            nearest = min(range(len(distances)), key=distances.__getitem__)
            self.members.append(nearest)
            self.squares.append(distances[nearest])
        self.moved: Points = []
        self.inner: list[float] = []
        for i, centroid in enumerate(centroids):
            own = [p for p, m in zip(points, self.members, strict=True) if m == i]
            mean = [sum(c) / len(own) for c in zip(*own, strict=True)] if own else centroid
            self.moved.append(mean)
            distances = [math.sqrt(_square(point, mean)) for point in own]
            self.inner.append(sum(distances) / (len(own) or 1))

    def counts(self) -> list[int]:
        """Return how many points each cluster has."""
        return [self.members.count(i) for i in range(len(self.centroids))]

    def radius(self) -> list[float]:
        """Return the widest squared distance within each cluster."""
        widest = [0.0] * len(self.centroids)
        for member, square in zip(self.members, self.squares, strict=True):
            widest[member] = max(widest[member], square)
        return widest

    def between(self) -> list[float]:
        """Return the squared distances of the means of all clusters from each other."""
        return [
            _square(one, two)
            for i, one in enumerate(self.moved)
            for j, two in enumerate(self.moved)
            if i != j
        ]

    def index(self) -> float:
        """Return the Davies-Bouldin index of the clusters around their means."""
        value = davies_bouldin(self.inner, self.between())
        return value if math.isfinite(value) else 0.0


def _fit(
    points: Points, asked: Mapping[str, Any], seed: int
) -> tuple[_Clusters, list[float], bool]:
    """Return the clusters, the index of each round, and whether they came to rest."""
    count = asked["k"]
    if not _FEWEST <= count <= len(points):
        raise ValueError("K is too larger or too samll for current data")
    state = asked["random_stat"]
    drawn = NumpyRandom(seed if state is None else int(state)).permutation(len(points))[:count]
    clusters = _Clusters([points[i] for i in sorted(drawn)], points)
    indices = [clusters.index()]
    converged = False
    for _ in range(asked["max_iter"]):
        moves = zip(clusters.moved, clusters.centroids, strict=True)
        converged = sum(_square(a, b) for a, b in moves) < asked["tol"]
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
    state: dict[str, Any] = {}
    if clusters is not None:
        total = len(clusters.members)
        values = {
            "countOfClusters": len(clusters.centroids),
            "maxInteration": rounds,
            "converged": converged,
            "header": header,
            "clusterDetail": [
                message("Clusterdetail", cluster=[float(i), float(n), n / total])
                for i, n in enumerate(clusters.counts())
            ],
            "centroidDetail": [
                message("Centroiddetail", centroid=centroid[columns])
                for centroid in clusters.centroids
            ],
        }
        state = {"header": list(header), "centroids": [c[columns] for c in clusters.centroids]}
    meta = message("KmeansModelMeta", k=asked["k"], tol=asked["tol"], maxIter=asked["max_iter"])
    param = message("KmeansModelParam", **values)
    name = "HeteroKmeans"
    return saved_model(name, meta, param, state)


def _own_table(data: Instances, clusters: _Clusters, mode: str) -> TableData:
    labels = data.labels or [None] * len(data)
    records = [
        (key, [label, member, mode])
        for key, label, member in zip(data.keys, labels, clusters.members, strict=True)
    ]
    schema = {"header": ["label", "predicted label"], "sid_name": data.extra.get("sid_name")}
    return TableData("prediction", schema, records, data.partitions)


def _arbiter_tables(data: Instances, clusters: _Clusters, mode: str) -> list[TableData]:
    between = clusters.between()
    found = zip(clusters.counts(), clusters.inner, clusters.radius(), strict=True)
    details = [
        (str(i), [count, inner, widest, between, mode])
        for i, (count, inner, widest) in enumerate(found)
    ]
    samples = [
        (key, [member, square, mode])
        for key, member, square in zip(data.keys, clusters.members, clusters.squares, strict=True)
    ]
    first = {
        "sid_name": "cluster_index",
        "header": ["cluster_sample_count", "cluster_inner_dist", "inter_cluster_dist"],
    }
    second = {"sid_name": "id", "header": ["predicted_cluster_index", "distance"]}
    return [
        TableData("prediction", first, details, data.partitions),
        TableData("prediction", second, samples, data.partitions),
    ]


def cluster(run: ComponentRun) -> dict[Party, PartyResult]:
    """Cluster the common samples, or assign samples to clusters found before."""
    keys = ("train_data",) if "train_data" in data_keys(run) else ("test_data", "data")
    tables: dict[Party, Instances] = {}
    for party in parties(run, "guest", "host"):
        data = instances(run, party, *keys)
        if data is None:
            raise ComponentFailed("input data is None", party)
        model = run.models.get(party)
        tables[party] = data.aligned(model.state["header"]) if model else data
    federation = Federation(tables)
    points = [
        [float(v) for row in rows for v in row] for rows in zip(*federation.features, strict=True)
    ]
    asked = parameter(run, run.parties[0])
    fitted = [run.models.get(party) for party in tables]
    predicting = all(model is not None for model in fitted)
    if predicting:
        parts = [model.state["centroids"] for model in fitted if model is not None]
        centroids = [[v for part in row for v in part] for row in zip(*parts, strict=True)]
        clusters, indices, converged = _Clusters(centroids, points), list[float](), False
    else:
        clusters, indices, converged = _fit(points, asked, run.seed)
    mode = "predict" if predicting else "train"
    results: dict[Party, PartyResult] = {}
    at = 0
    for party, data in federation.tables.items():
        model = run.models.get(party) or _model(
            asked,
            clusters,
            rounds=len(indices) - 1,
            converged=converged,
            header=data.header,
            columns=slice(at, at + len(data.header)),
        )
        at += len(data.header)
        results[party] = PartyResult([_own_table(data, clusters, mode)], model=model)
    for party in parties(run, "arbiter"):
        model = run.models.get(party) or _model(asked, None)
        result = PartyResult(_arbiter_tables(federation.guest, clusters, mode), model=model)
        if not predicting:
            meta = {
                "name": "train",
                "metric_type": "DBI",
                "unit_name": "iters",
                "curve_name": "DBI",
            }
            result.add_metric("train", "DBI", Metric([[i, v] for i, v in enumerate(indices)], meta))
        results[party] = result
    return results
