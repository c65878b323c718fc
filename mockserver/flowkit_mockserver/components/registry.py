"""The component kinds by name, and the one way to run them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from flowkit_mockserver.components.interface import (
    ComponentFailed,
    ComponentRun,
    Party,
    PartyResult,
)
from flowkit_mockserver.components.running import party_order, pass_through, switched_off

__all__ = ["Kind", "component", "kinds", "run"]

Kind = Callable[[ComponentRun], dict[Party, PartyResult]]

_FAMILIES = {
    "storage": ("Reader", "Upload", "Download", "ModelStore", "ModelRestore"),
    "data_io": ("DataIO", "DataTransform"),
    "intersection": ("Intersection",),
    "union": ("Union",),
    "sampling": ("FederatedSample", "SampleWeight"),
    "data_split": ("HeteroDataSplit", "HomoDataSplit"),
    "scale": ("FeatureScale",),
    "hetero_binning": ("HeteroFeatureBinning",),
    "homo_binning": ("HomoFeatureBinning",),
    "selection": ("HeteroFeatureSelection",),
    "one_hot": ("OneHotEncoder", "HomoOneHotEncoder"),
    "column_expand": ("ColumnExpand",),
    "statistics": ("DataStatistics",),
    "pearson": ("HeteroPearson",),
    "psi": ("PSI",),
    "linear_models": ("HeteroLR", "HeteroLinR", "HeteroPoisson"),
    "homo_linear": ("HomoLR",),
    "local_baseline": ("LocalBaseline",),
    "tree_models": ("HeteroSecureBoost", "HeteroFastSecureBoost"),
    "homo_trees": ("HomoSecureboost",),
    "tree_features": ("SBTFeatureTransformer",),
    "neural": ("HeteroNN",),
    "homo_neural": ("HomoNN", "HomoNNExperiment"),
    "transfer": ("FTL",),
    "kmeans": ("HeteroKmeans",),
    "evaluation": ("Evaluation",),
    "scorecard": ("Scorecard",),
    "retrieval": ("SecureInformationRetrieval",),
    "protocols": ("Rsa", "SecureAddExample", "FeldmanVerifiableSum"),
}
_HOME = {kind: family for family, members in _FAMILIES.items() for kind in members}
_KINDS: dict[str, Kind] = {}


def component(*names: str) -> Callable[[Kind], Kind]:
    """Register the decorated function as the kind(s) `names`."""

    def register(function: Kind) -> Kind:
        for name in names:
            _KINDS[name] = function
        return function

    return register


def kinds() -> list[str]:
    """Return the names of all kinds, sorted."""
    return sorted(_HOME.keys() | _KINDS.keys())


def _kind(module: str) -> Kind:
    if module not in _KINDS and module in _HOME:
        import_module(f"{__package__}.{_HOME[module]}")
    return _KINDS.get(module, pass_through)


def run(run: ComponentRun) -> dict[Party, PartyResult]:
    """Run a component on all its parties.

    A party whose parameter says ``need_run: false`` hands its first input on and takes no part. A kind nobody has
    registered does the same everywhere.

    Returns:
        what each party of the run was left with.

    Raises:
        ComponentFailed: it failed; nothing of what it computed may be kept.
    """
    resting = [party for party in run.parties if switched_off(run, party)]
    results = {party: PartyResult() for party in run.parties}
    results.update(pass_through(replace(run, parties=resting)))
    active = replace(run, parties=[party for party in run.parties if party not in resting])
    if active.parties:
        kind = _kind(run.module)
        try:
            results.update(kind(active))
        except ComponentFailed:
            raise
        except (ArithmeticError, LookupError, OSError, TypeError, ValueError) as problem:
            # Data the kind cannot digest fails the task, as it would on the real server; it is no fault of the server.
            raise ComponentFailed(str(problem), party_order(active)[0]) from problem
    return results
