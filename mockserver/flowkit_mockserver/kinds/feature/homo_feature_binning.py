"""HomoFeatureBinning: common bins over samples that lie with several parties."""

from __future__ import annotations

from flowkit_mockserver.kinds.feature.binning_rules import BINNING
from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, need, one_of, positive_integer

__all__ = ["KIND"]

_RULES: Rules = (
    *BINNING,
    one_of("method", "homo binning param's", ["virtual_summary", "recursive_query"]),
    positive_integer("max_iter", "homo binning param's"),
    need("max_iter", lambda count: count <= 100, "Max iter is not allowed exceed 100"),
)

KIND = Kind(
    name="HomoFeatureBinning",
    algorithm="flowkit_mockserver.components.feature.binning.homo_feature_binning:bin_together",
    rests_with="flowkit_mockserver.components.feature.binning.export:resting_model",
    exactness=Exactness.EXACT,
    accuracy=(
        "The bounds of recursive_query are FATE's; those of virtual_summary follow from exact "
        "ranks, to which FATE's secure sums add noise by chance."
    ),
    param_class="HomoFeatureBinningParam",
    defaults={
        "adjustment_factor": 0.5,
        "bin_indexes": -1,
        "bin_names": None,
        "bin_num": 10,
        "category_indexes": None,
        "category_names": None,
        "compress_thres": 10000,
        "error": 0.0001,
        "head_size": 10000,
        "local_only": False,
        "max_iter": 100,
        "method": "virtual_summary",
        "need_run": True,
        "sample_bins": 100,
        "skip_static": False,
        "transform_param": {
            "transform_cols": -1,
            "transform_names": None,
            "transform_type": "bin_num",
        },
    },
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature/homo_feature_binning",
        arbiter="homo_binning_cpn.py/HomoBinningArbiter",
        guest="homo_binning_cpn.py/HomoBinningClient",
        host="homo_binning_cpn.py/HomoBinningClient",
    ),
    buffers={ANY_ROLE: Buffers.named("FeatureBinning")},
)
