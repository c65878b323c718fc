"""What the parameter classes check for themselves, class by class, in the server's words.

`check_parameters` is all that the rest needs. The rules of a class are a table in the module of its
family; the vocabulary of the tables is in `rules`. Classes without an entry check nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.checks import (
    boosting,
    data,
    features,
    intersection,
    networks,
    others,
    regression,
    selection,
)
from flowkit_mockserver.dsl.checks.rules import Rules, run

__all__ = ["RULES", "check_parameters"]

RULES: Mapping[str, Rules] = {
    "ColumnExpandParam": data.COLUMN_EXPAND,
    "DataIOParam": data.DATAIO,
    "DataSplitParam": data.DATA_SPLIT,
    "DataTransformParam": data.DATA_TRANSFORM,
    "EvaluateParam": others.EVALUATE,
    "FTLParam": networks.FTL,
    "FeatureSelectionParam": selection.FEATURE_SELECTION,
    "FeldmanVerifiableSumParam": others.FELDMAN_SUM,
    "HeteroFastSecureBoostParam": boosting.HETERO_FAST_SECUREBOOST,
    "HeteroFeatureBinningParam": features.HETERO_BINNING,
    "HeteroLogisticParam": regression.HETERO_LOGISTIC,
    "HeteroNNParam": networks.HETERO_NN,
    "HeteroSecureBoostParam": boosting.HETERO_SECUREBOOST,
    "HomoFeatureBinningParam": features.HOMO_BINNING,
    "HomoLogisticParam": regression.HOMO_LOGISTIC,
    "HomoNNParam": networks.HOMO_NN,
    "HomoOneHotParam": features.HOMO_ONE_HOT,
    "HomoSecureBoostParam": boosting.HOMO_SECUREBOOST,
    "IntersectParam": intersection.INTERSECT,
    "KmeansParam": others.KMEANS,
    "LinearParam": regression.LINEAR,
    "LocalBaselineParam": others.LOCAL_BASELINE,
    "OneHotEncoderParam": features.ONE_HOT,
    "PSIParam": others.PSI,
    "PearsonParam": data.PEARSON,
    "PoissonParam": regression.POISSON,
    "RsaParam": others.RSA_EXAMPLE,
    "SBTTransformerParam": others.SBT_TRANSFORMER,
    "SampleParam": data.SAMPLE,
    "SampleWeightParam": data.SAMPLE_WEIGHT,
    "ScaleParam": features.SCALE,
    "ScorecardParam": data.SCORECARD,
    "SecureAddExampleParam": others.SECURE_ADD,
    "SecureInformationRetrievalParam": others.RETRIEVAL,
    "StatisticsParam": data.STATISTICS,
    "UnionParam": data.UNION,
}


def check_parameters(param_class: str, parameters: Mapping[str, Any]) -> None:
    """Run the own check of a parameter class on merged parameters.

    Args:
        param_class: name of the class, ``HeteroLogisticParam``.
        parameters: every parameter of it; only ``filter_methods`` is ever changed.

    Raises:
        ValueError: with the text of the class for the first rule that is broken. A value on which
            the class stumbles raises what Python raises.
    """
    rules = RULES.get(param_class)
    if rules:
        run(rules, _own_maps(parameters))


def _own_maps(parameters: Mapping[str, Any]) -> dict[str, Any]:
    # The rules normalise values; the maps are copied, so that the job keeps what was submitted.
    return {
        name: _own_maps(value) if isinstance(value, dict) else value
        for name, value in parameters.items()
    }
