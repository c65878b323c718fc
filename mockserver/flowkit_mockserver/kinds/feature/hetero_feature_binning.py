"""HeteroFeatureBinning: every party bins its own columns, the guest learns what the bins say about the label."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.kinds.feature.binning_rules import BINNING
from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.nested import ENCRYPT, uses_paillier
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.kinds.rules import (
    Rules,
    boolean,
    cased,
    decimal,
    each,
    ensure,
    given,
    holds,
    instance,
    nested,
    one_of,
    positive_integer,
    string,
    typed,
    when,
)

__all__ = ["KIND"]

_TRANSFORM_ABOUT = "Transform Param's "

_TRANSFORM: Rules = (
    when(
        lambda values: values["transform_cols"] not in (None, -1),
        typed("transform_cols", _TRANSFORM_ABOUT, "list"),
    ),
    typed("transform_names", _TRANSFORM_ABOUT, "list", "NoneType"),
    when(
        holds("transform_names", given),
        each(
            "transform_names",
            instance(str),
            "Elements in transform_names should be string type",
        ),
    ),
    one_of("transform_type", _TRANSFORM_ABOUT, ["bin_num", "woe", None]),
)

_OPTIMAL_ABOUT = "hetero binning's optimal binning param's"

_OPTIMAL: Rules = (
    string("metric_method", _OPTIMAL_ABOUT),
    cased(
        "metric_method",
        lambda name: name.lower().replace("chi-square", "chi_square"),
        ["iv", "gini", "chi_square", "ks"],
        _OPTIMAL_ABOUT + " {} is not supported, it should be in ['iv', 'gini', 'chi_square', 'ks']",
    ),
    positive_integer("init_bin_nums", _OPTIMAL_ABOUT),
    cased(
        "init_bucket_method",
        lambda name: name.lower(),
        ["quantile", "bucket"],
        _OPTIMAL_ABOUT + " {} is not supported, it should be in ['quantile', 'bucket']",
    ),
    when(
        lambda values: values["max_bin_pct"] not in (1, 0), decimal("max_bin_pct", _OPTIMAL_ABOUT)
    ),
    when(
        lambda values: values["min_bin_pct"] not in (1, 0), decimal("min_bin_pct", _OPTIMAL_ABOUT)
    ),
    ensure(
        lambda values: values["min_bin_pct"] <= values["max_bin_pct"],
        "Optimal binning's min_bin_pct should less or equal than max_bin_pct",
    ),
    boolean("mixture", _OPTIMAL_ABOUT),
    positive_integer("init_bin_nums", _OPTIMAL_ABOUT),
)

_ABOUT = "Hetero Binning param's"


def _is_map(name: str) -> Rules:
    """Return the rules of bounds that a user gives, which only the later lines take."""
    return (
        when(
            lambda values: values.get(name) is not None,
            ensure(
                lambda values: isinstance(values[name], dict), f"{_ABOUT} `{name}` should be a dict"
            ),
            ensure(
                lambda values: all(isinstance(points, list) for points in values[name].values()),
                f"{_ABOUT} `{name}`'s values should be given in list format",
            ),
            ensure(
                lambda values: all(sorted(points) == points for points in values[name].values()),
                "split points should be given in sorted order.",
            ),
        ),
    )


_RULES: Rules = (
    *BINNING,
    one_of("method", _ABOUT, ["quantile", "bucket", "optimal"]),
    nested("optimal_binning_param", _OPTIMAL),
    nested("encrypt_param", ENCRYPT.rules),
    uses_paillier("Feature Binning support Paillier encrypt method only."),
    ensure(
        lambda values: not (values["skip_static"] and values["method"] == "optimal"),
        "When skip_static, optimal binning is not supported.",
    ),
    nested("transform_param", _TRANSFORM),
    ensure(
        lambda values: (
            not (values["skip_static"] and values["transform_param"]["transform_type"] == "woe")
        ),
        "To use woe transform, skip_static should set as False",
    ),
    *_is_map("split_points_by_index"),
    *_is_map("split_points_by_col_name"),
)


def _relabel(param: dict[str, Any], parties: Relabelling) -> None:
    param["headerAnonymous"] = parties.names(param["headerAnonymous"])


KIND = Kind(
    name="HeteroFeatureBinning",
    algorithm="flowkit_mockserver.components.feature.binning.hetero_feature_binning:bin_features",
    rests_with="flowkit_mockserver.components.feature.binning.export:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "Bounds, counts, weights of evidence and information values are FATE's. FATE gives "
        "values that are missing an arbitrary place in the order of a column; here they are "
        "left out of it, and the task's log says so."
    ),
    param_class="HeteroFeatureBinningParam",
    defaults={
        "adjustment_factor": 0.5,
        "bin_indexes": -1,
        "bin_names": None,
        "bin_num": 10,
        "category_indexes": None,
        "category_names": None,
        "compress_thres": 10000,
        "encrypt_param": ENCRYPT.defaults,
        "error": 0.0001,
        "head_size": 10000,
        "local_only": False,
        "method": "quantile",
        "need_run": True,
        "optimal_binning_param": {
            "adjustment_factor": None,
            "init_bin_nums": 1000,
            "init_bucket_method": "quantile",
            "max_bin": None,
            "max_bin_pct": 1.0,
            "metric_method": "iv",
            "min_bin_pct": 0.05,
            "mixture": True,
        },
        "skip_static": False,
        "transform_param": {
            "transform_cols": -1,
            "transform_names": None,
            "transform_type": "bin_num",
        },
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature/hetero_feature_binning",
        guest="hetero_binning_guest.py/HeteroFeatureBinningGuest",
        host="hetero_binning_host.py/HeteroFeatureBinningHost",
    ),
    buffers={ANY_ROLE: Buffers.named("FeatureBinning")},
    relabel=_relabel,
)
