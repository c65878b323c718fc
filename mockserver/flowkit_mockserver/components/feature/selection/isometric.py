"""What the models of earlier components say about columns, read from their buffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.interface import Model

__all__ = ["GREATEST", "PEARSON", "Correlations", "IsometricModel", "Metric", "isometric_models"]

Values = dict[str, float]

#: The greatest information value of a column among the classes, where `iv` is their mean.
GREATEST = "iv of the best class"
#: What the buffer of a correlation calls itself.
PEARSON = "HeteroPearson"


@dataclass(frozen=True)
class Metric:
    """One number about each column.

    Attributes:
        values: by the names of the columns.
        hosts: by party id the numbers about a host's columns, by the names under which others know them.
    """

    values: Values
    hosts: dict[str, Values] = field(default_factory=dict)

    def of(self, names: Sequence[str]) -> list[float]:
        """Return the numbers about some of the party's own columns.

        Raises:
            ValueError: there is none about one of them.
        """
        if missing := [name for name in names if name not in self.values]:
            raise ValueError(f"KeyError: {missing[0]!r}")
        return [self.values[name] for name in names]

    def of_host(self, party_id: str, names: Sequence[str]) -> list[float]:
        """Return the numbers about some columns of a host, 0 where there is none."""
        known = self.hosts.get(party_id, {})
        return [known.get(name, 0) for name in names]


@dataclass(frozen=True, eq=False)
class Correlations:
    """How columns move together.

    Attributes:
        names: the party's own columns.
        local: shape (d, d): how these do with each other.
        other_names: the columns of the other party, by the names under which others know them.
        across: shape (guest's, host's), or None.
        host_id: the party id of the host, or None.
    """

    names: list[str]
    local: NDArray[np.float64]
    other_names: list[str]
    across: NDArray[np.float64] | None
    host_id: str | None


@dataclass(frozen=True)
class IsometricModel:
    """The metrics of one model, and its correlations if it has any."""

    metrics: dict[str, Metric]
    correlations: Correlations | None = None


def _binning(param: Mapping[str, Any]) -> IsometricModel:
    def ivs(results: Sequence[Mapping[str, Any]], merge: Callable[[list[float]], float]) -> Values:
        names = results[0]["binningResult"]
        return {
            name: merge([float(result["binningResult"][name]["iv"]) for result in results])
            for name in names
        }

    by_class = param.get("multiClassResult", {})
    own = by_class.get("results") or [param["binningResult"]]
    # The classes of the first host come first.
    seen = (by_class.get("hostResults") if len(own) > 1 else None) or param.get("hostResults", [])
    hosts = [seen[at : at + len(own)] for at in range(0, len(seen), len(own))]
    return IsometricModel(
        {
            name: Metric(
                ivs(own, merge), {str(host[0]["partyId"]): ivs(host, merge) for host in hosts}
            )
            for name, merge in (("iv", lambda values: sum(values) / len(values)), (GREATEST, max))
        }
    )


def _statistics(param: Mapping[str, Any]) -> IsometricModel:
    metrics = {}
    for result in param["selfValues"]["results"]:
        values = [float(value) for value in result["values"]]
        metrics[result["valueName"]] = Metric(dict(zip(result["colNames"], values, strict=True)))
    return IsometricModel(metrics)


def _stability(param: Mapping[str, Any]) -> IsometricModel:
    scores = {name: float(score) for name, score in param["totalScore"].items()}
    return IsometricModel({"psi": Metric(scores)})


def _correlations(param: Mapping[str, Any]) -> IsometricModel:
    names = list(param["names"])
    factors = [float(value) for value in param["localVif"]]
    if len(factors) != len(names):
        raise ValueError(
            "When creating SingleMetricValue, length of values and length of col_names should be"
            " equal"
        )
    local = np.array([float(value) for value in param["localCorr"]]).reshape(len(names), len(names))
    across, others, host = None, [], None
    if param["corr"]:
        across = np.array([float(value) for value in param["corr"]])
        across = across.reshape([int(width) for width in param["shapes"]])
        others = list(param["allNames"][1]["names"])
        host = param["parties"][1].strip("()").split(",")[1]
    return IsometricModel(
        {"vif": Metric(dict(zip(names, factors, strict=True)))},
        Correlations(names, local, others, across, host),
    )


def _importances(param: Mapping[str, Any], *, anonymous: bool) -> IsometricModel:
    names = {int(place): name for place, name in param["featureNameFidMapping"].items()}
    values: Values = {}
    hosts: dict[str, Values] = {}
    for entry in param["featureImportances"]:
        place, importance = int(entry["fid"]), float(entry["importance"])
        role, _, party_id = str(entry.get("sitename", "")).partition(":")
        if anonymous and role == "host":
            # The later lines say 0 for the place, and the name that the guest knows.
            hosts.setdefault(party_id, {})[str(entry["fullname"])] = importance
        else:
            values[names[place]] = importance
    values.update((name, 0.0) for name in names.values() if name not in values)
    return IsometricModel({"feature_importance": Metric(values, hosts)})


def isometric_models(models: Sequence[Model]) -> dict[str, IsometricModel]:
    """Return models by the name that FATE gives to each sort.

    Raises:
        ValueError: two are of one sort, or one is of none.
    """
    found: dict[str, IsometricModel] = {}
    for model in models:
        param = model.param
        name = param.get("modelName", "")
        if name in found:
            raise ValueError("Should not load two same type isometric models in feature selection")
        if name == "binning_model":
            found[name] = _binning(param)
        elif name == "statistic_model":
            found[name] = _statistics(param)
        elif name == "psi":
            found[name] = _stability(param)
        elif name == PEARSON:
            found[name] = _correlations(param)
        elif name in {"hetero_sbt", "hetero_fast_sbt_layered"}:
            found[name] = _importances(param, anonymous=True)
        elif name in {"homo_sbt", "hetero_fast_sbt_mix"}:
            found[name] = _importances(param, anonymous=False)
        else:
            raise ValueError(f"model {name!r} says nothing that columns are selected by")
    return found
