"""HeteroKmeans: clusters of samples whose columns lie with several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, above, at_least, instance, need, optional

__all__ = ["KIND"]

_KMEANS = "Kmeans_param's"

_RULES: Rules = (
    need("k", instance(int), _KMEANS + "k {} not supported, should be int type"),
    need("k", above(1), _KMEANS + "k {{}} not supported, should be larger than 1"),
    need(
        "k",
        lambda k: k <= 100,
        _KMEANS + "k {{}} not supported, should be less than 100 in this version",
    ),
    need("max_iter", instance(int), _KMEANS + "max_iter not supported, should be int type"),
    need(
        "max_iter",
        above(0),
        _KMEANS + "max_iter not supported, should be larger than 0",
    ),
    need("tol", instance(float, int), _KMEANS + "tol not supported, should be float type"),
    need(
        "tol",
        at_least(0),
        _KMEANS + "tol not supported, should be larger than or equal to 0",
    ),
    optional(
        "random_stat",
        instance(int),
        _KMEANS + "random_stat not supported, should be int type",
    ),
    optional(
        "random_stat",
        at_least(0),
        _KMEANS + "random_stat not supported, should be larger than/equal to 0",
    ),
)

KIND = Kind(
    name="HeteroKmeans",
    algorithm="flowkit_mockserver.components.unsupervised.hetero_kmeans:cluster",
    exactness=Exactness.EXACT,
    accuracy=(
        "With random_stat, the first centroids are those that FATE draws, and so all that follows."
    ),
    param_class="KmeansParam",
    defaults={"k": 5, "max_iter": 300, "random_stat": None, "tol": 0.001},
    rules=_RULES,
    code_path=code_in(
        "federatedml/unsupervised_learning/kmeans/hetero_kmeans",
        arbiter="hetero_kmeans_arbiter.py/HeteroKmeansArbiter",
        guest="hetero_kmeans_client.py/HeteroKmeansGuest",
        host="hetero_kmeans_client.py/HeteroKmeansHost",
    ),
    buffers={ANY_ROLE: Buffers.named("HeteroKmeans", "KmeansModel")},
)
