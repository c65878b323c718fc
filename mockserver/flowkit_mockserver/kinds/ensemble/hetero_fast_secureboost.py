"""HeteroFastSecureBoost: boosted trees whose layers belong to one party each."""

from __future__ import annotations

from flowkit_mockserver.kinds.ensemble.hetero_secureboost import KIND as HETERO_SECUREBOOST
from flowkit_mockserver.kinds.kind import Buffers, Exactness, Kind, LaterResults, code_in
from flowkit_mockserver.kinds.rules import Rules, among, need, whole_at_least

__all__ = ["KIND"]


_RULES: Rules = (
    *HETERO_SECUREBOOST.rules,
    need("guest_depth", whole_at_least(1), "guest_depth should be larger than 0"),
    need("host_depth", whole_at_least(1), "host_depth should be larger than 0"),
    need("tree_num_per_party", whole_at_least(1), "tree_num_per_party should be larger than 0"),
    need(
        "work_mode",
        among("mix", "layered"),
        "only work_modes: ['mix', 'layered'] are supported, input work mode is {}",
    ),
)

KIND = Kind(
    name="HeteroFastSecureBoost",
    algorithm="flowkit_mockserver.components.ensemble.hetero_secureboost:boost_trees",
    exactness=Exactness.EXACT,
    accuracy=(
        "Grown on all rows from the same histograms and gains, in the clear: encryption changes no number."
    ),
    param_class="HeteroFastSecureBoostParam",
    defaults={
        **HETERO_SECUREBOOST.defaults,
        "guest_depth": 1,
        "host_depth": 1,
        "subsample_feature_rate": 1,
        "tree_num_per_party": 1,
        "work_mode": "mix",
    },
    rules=_RULES,
    later_rules=HETERO_SECUREBOOST.later_rules,
    code_path=code_in(
        "federatedml/ensemble/boosting/hetero",
        guest="hetero_fast_secureboost_guest.py/HeteroFastSecureBoostingTreeGuest",
        host="hetero_fast_secureboost_host.py/HeteroFastSecureBoostingTreeHost",
    ),
    relabel=HETERO_SECUREBOOST.relabel,
    buffers={
        "guest": Buffers.named("HeteroFastSecureBoostingTreeGuest", "BoostingTreeModel"),
        "host": Buffers.named("HeteroFastSecureBoostingTreeHost", "BoostingTreeModel"),
    },
    later=LaterResults(
        buffers={
            "guest": Buffers.named(
                "HeteroFastSecureBoostingTreeGuest", "BoostingTreeModel", later=True
            ),
            "host": Buffers.named(
                "HeteroFastSecureBoostingTreeHost", "BoostingTreeModel", later=True
            ),
        }
    ),
)
