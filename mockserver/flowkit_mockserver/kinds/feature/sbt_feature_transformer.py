"""SBTFeatureTransformer: the leaves of boosted trees as features."""

from __future__ import annotations

from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers, Exactness, Kind, code_in
from flowkit_mockserver.kinds.rules import Rules, boolean

__all__ = ["KIND"]

_RULES: Rules = (boolean("dense_format", "SBTTransformer"),)

KIND = Kind(
    name="SBTFeatureTransformer",
    algorithm="flowkit_mockserver.components.ensemble.sbt_feature_transformer:leaves",
    exactness=Exactness.EXACT,
    accuracy="The leaves are those of the given model.",
    param_class="SBTTransformerParam",
    defaults={"dense_format": True},
    rules=_RULES,
    code_path=code_in(
        "federatedml/feature/sbt_feature_transformer",
        guest="sbt_feature_transformer.py/HeteroSBTFeatureTransformerGuest",
        host="sbt_feature_transformer.py/HeteroSBTFeatureTransformerHost",
    ),
    buffers={ANY_ROLE: Buffers.named("SBTTransformer", "Transformer")},
)
