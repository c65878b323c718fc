"""What DataIO and DataTransform have in common: their parameters and their rules."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.kinds.rules import Rules, given, holds, instance, kind, lowered, need, when

__all__ = ["READING_DEFAULTS", "reading_rules"]

_FILLS = ["min", "max", "mean", "designated"]

_TYPES = ["int", "int64", "float", "float64", "str", "long"]


def reading_rules(about: str, label_about: str) -> Rules:
    """Return the rules of a class whose texts begin with `about`, those of the label with `label_about`."""
    return (
        lowered("input_format", about, ["dense", "sparse", "tag"]),
        lowered("output_format", about, ["dense", "sparse"]),
        lowered("data_type", about, _TYPES),
        need("missing_fill", kind("bool"), about + " missing_fill {} not supported"),
        when(
            holds("missing_fill_method", given),
            lowered("missing_fill_method", about, _FILLS),
        ),
        when(
            holds("outlier_replace_method", given),
            lowered("outlier_replace_method", about, _FILLS),
        ),
        need("with_label", kind("bool"), about + " with_label {} not supported"),
        when(
            holds("with_label", bool),
            need("label_name", instance(str), label_about + " label_name {} should be str"),
            lowered("label_type", about, _TYPES),
        ),
        need(
            "exclusive_data_type",
            instance(dict, type(None)),
            "exclusive_data_type is should be None or a dict",
        ),
    )


READING_DEFAULTS: dict[str, Any] = {
    "data_type": "float64",
    "default_value": 0,
    "delimitor": ",",
    "exclusive_data_type": None,
    "input_format": "dense",
    "label_name": "y",
    "label_type": "int",
    "missing_fill": False,
    "missing_fill_method": None,
    "missing_impute": None,
    "need_run": True,
    "outlier_impute": None,
    "outlier_replace": False,
    "outlier_replace_method": None,
    "outlier_replace_value": 0,
    "output_format": "dense",
    "tag_value_delimitor": ":",
    "tag_with_value": False,
    "with_label": False,
}
