"""The component kinds by name, and the one way to run them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from flowkit_mockserver.components.core.interface import ComponentFailed, ComponentRun, PartyResult
from flowkit_mockserver.components.core.run import party_order, pass_through, switched_off
from flowkit_mockserver.party import Party

__all__ = ["Kind", "component", "kinds", "run"]

Kind = Callable[[ComponentRun], dict[Party, PartyResult]]

_FAMILIES = {
    "flow.reader_upload_download": ("Reader", "Upload", "Download", "ModelStore", "ModelRestore"),
    "util.data_io": ("DataIO", "DataTransform"),
    "statistic.intersect": ("Intersection",),
    "statistic.union": ("Union",),
    "feature.sampler": ("FederatedSample", "SampleWeight"),
    "model_selection.data_split": ("HeteroDataSplit", "HomoDataSplit"),
    "feature.scale": ("FeatureScale",),
    "feature.binning.hetero_feature_binning": ("HeteroFeatureBinning",),
    "feature.binning.homo_feature_binning": ("HomoFeatureBinning",),
    "feature.selection.hetero_feature_selection": ("HeteroFeatureSelection",),
    "feature.one_hot_encoder": ("OneHotEncoder", "HomoOneHotEncoder"),
    "feature.column_expand": ("ColumnExpand",),
    "statistic.data_statistics": ("DataStatistics",),
    "statistic.hetero_pearson": ("HeteroPearson",),
    "statistic.psi": ("PSI",),
    "linear_model.hetero": ("HeteroLR", "HeteroLinR", "HeteroPoisson"),
    "linear_model.homo_lr": ("HomoLR",),
    "other.local_baseline": ("LocalBaseline",),
    "ensemble.hetero_secureboost": ("HeteroSecureBoost", "HeteroFastSecureBoost"),
    "ensemble.homo_secureboost": ("HomoSecureboost",),
    "ensemble.sbt_feature_transformer": ("SBTFeatureTransformer",),
    "nn.hetero_nn": ("HeteroNN",),
    "nn.homo_nn": ("HomoNN", "HomoNNExperiment"),
    "nn.hetero_ftl": ("FTL",),
    "unsupervised.hetero_kmeans": ("HeteroKmeans",),
    "evaluation.evaluation": ("Evaluation",),
    "statistic.scorecard": ("Scorecard",),
    "other.secure_information_retrieval": ("SecureInformationRetrieval",),
    "other.toy": ("Rsa", "SecureAddExample", "FeldmanVerifiableSum"),
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
        import_module(f"flowkit_mockserver.components.{_HOME[module]}")
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
