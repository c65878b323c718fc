"""What the parameter classes of 1.5 check otherwise than those of 1.6."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowkit_mockserver.kinds.ensemble.shared_rules import OLDER_TREES, SPARSE_OPTIMIZATION, TREES
from flowkit_mockserver.kinds.feature.binning_rules import BINNING
from flowkit_mockserver.kinds.feature.hetero_feature_selection import (
    FILTER_METHODS,
    filter_methods,
)
from flowkit_mockserver.kinds.rules import (
    Rule,
    Rules,
    Values,
    instance,
    lowered,
    need,
    nested,
    optional,
    whole_at_least,
)

__all__ = ["OLDER_RULES", "worded"]

_HASHES = ("none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_LATER_FILTERS = ("vif_filter", "correlation_filter")

#: How the classes of 1.5 put what those of 1.6 say.
_WORDS = {
    "Hetero Binning param's": "hetero binning param's",
    "Binning param's": "hetero binning param's",
    "hash param's base64": "encode param's base64",
    "intersect param's  ": "intersect param's ",
    "intersect param's join_role ": "intersect param's ",
    "intersect param's repeated_id_owner ": "intersect param's ",
    "intersect param's info_owner ": "intersect param's ",
    "'nesterov_momentum_sgd', 'sqn' or": "'nesterov_momentum_sgd' or",
}


def worded(rules: Rules) -> Rules:
    """Return rules that speak as those of 1.5."""

    def said(rule: Rule) -> Rule:
        def checked(values: Values) -> None:
            try:
                rule(values)
            except ValueError as error:
                text = str(error)
                for now, before in _WORDS.items():
                    text = text.replace(now, before)
                raise ValueError(text) from error

        return checked

    return [said(rule) for rule in rules]


_BATCHES: Rules = (
    need(
        "masked_rate",
        lambda rate: isinstance(rate, float | int) and rate >= 0,
        "masked rate should be non-negative numeric number",
    ),
    need(
        "batch_strategy",
        lambda strategy: isinstance(strategy, str) and strategy.lower() in ("full", "random"),
        "batch strategy should be full or random",
    ),
    need("shuffle", instance(bool), "shuffle define in batch should be boolean type"),
)

_ENCODING: Rules = (
    nested("encode_params", (lowered("encode_method", "encode param's ", _HASHES),)),
)

_SEED: Rules = (
    optional("subsample_random_seed", whole_at_least(0), "random seed must be an integer >= 0"),
)


def _logistic(rules: Rules) -> Rules:
    # Behind what is said of the size of a batch.
    return [*rules[:7], *_BATCHES, *rules[7:]]


def _boosting(rules: Rules) -> Rules:
    kept = (rule for rule in rules if rule is not SPARSE_OPTIMIZATION)
    return [*(OLDER_TREES if rule is TREES else rule for rule in kept), *_SEED]


def _binning(rules: Rules) -> Rules:
    # The last of what all binnings have in common is about `local_only`.
    return [*rules[: len(BINNING) - 1], *rules[len(BINNING) :]]


def _selection(rules: Rules) -> Rules:
    known = [name for name in FILTER_METHODS if name not in _LATER_FILTERS]
    return [rules[0], filter_methods(known), *rules[2:]]


#: By kind, what makes the rules of 1.5 of those of 1.6.
OLDER_RULES: Mapping[str, Callable[[Rules], Rules]] = {
    "FTL": lambda rules: [nested("intersect_param", _ENCODING), *rules],
    "HeteroFastSecureBoost": _boosting,
    "HeteroFeatureBinning": _binning,
    "HeteroFeatureSelection": _selection,
    "HeteroLR": _logistic,
    "HeteroSecureBoost": _boosting,
    "HomoLR": _logistic,
    "HomoSecureboost": _boosting,
    "Intersection": lambda rules: [*_ENCODING, *rules],
}
