"""What features are worth to a model: importance in boosted trees, coefficients of linear models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowkit.results.answers import Source, mapping_at, mappings_at, number, payload, texts

__all__ = ["Coefficients", "FeatureImportance", "read_coefficients", "read_importance"]


@dataclass(frozen=True, slots=True)
class FeatureImportance:
    """How much a feature did for boosted trees.

    Attributes:
        feature: its name; another party's is the one that FATE gives it, ``host_9999_3``.
        party: whose it is, ``guest/9999``; the role alone, or nothing, where FATE says no more.
        measure: what `importance` counts: ``split`` or ``gain``; empty where FATE does not say.
        importance: how often trees split on it, or what that gained in all.
        other: the other of the two.
    """

    feature: str
    party: str
    measure: str
    importance: float
    other: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """The party's part of a linear model.

    Attributes:
        label: the class that it tells from all others; empty for a model that is not one of several.
        weights: coefficient by feature, in the order of the table.
        intercept: the constant; the guest's, as a rule.
    """

    label: str
    weights: Mapping[str, float]
    intercept: float


def read_importance(model: Source | None) -> tuple[FeatureImportance, ...]:
    """Return feature importances in an answer of ``component.output_model``, the highest first.

    The guest's model has those of all parties; a host's has its own from 1.7 on, and none before.

    Raises:
        ArgumentError: the answer has another form.
    """
    found = []
    for entry in mappings_at(payload(model, "model"), "featureImportances"):
        name = str(entry.get("fullname") or entry.get("fid"))
        found.append(
            FeatureImportance(
                name,
                party_of(entry.get("sitename")),
                str(entry.get("main") or ""),
                number(entry.get("importance") or 0, name),
                number(entry.get("importance2") or 0, name),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.importance))


def party_of(site: Any) -> str:
    """Return the party of a name that FATE gives sites: ``host:9998`` is ``host/9998``, ``hostLocal`` is ``host``."""
    return str(site or "").replace(":", "/", 1).removesuffix("Local")


def read_coefficients(model: Source | None) -> tuple[Coefficients, ...]:
    """Return coefficients in an answer of ``component.output_model`` of a linear model: one set, or one for each class.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(model, "model")
    several = mapping_at(data, "oneVsRestResult")
    labels = texts(several.get("oneVsRestClasses"), "oneVsRestClasses")
    models = mappings_at(several, "completedModels")
    if models:
        names = labels if len(labels) == len(models) else tuple(map(str, range(len(models))))
        return tuple(_coefficients(name, one) for name, one in zip(names, models, strict=True))
    return (_coefficients("", data),) if data.get("weight") else ()


def _coefficients(label: str, model: Mapping[str, Any]) -> Coefficients:
    weights = mapping_at(model, "weight")
    header = [name for name in texts(model.get("header"), "header") if name in weights]
    rest = [name for name in weights if name not in set(header)]
    values = {name: number(weights[name], f"weight.{name}") for name in [*header, *rest]}
    return Coefficients(label, values, number(model.get("intercept") or 0, "intercept"))
