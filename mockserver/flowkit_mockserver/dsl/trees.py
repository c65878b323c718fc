"""Copying and merging plain JSON trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["copy_tree", "deep_merge"]


def copy_tree(value: Any) -> Any:
    """Return a copy of a JSON tree; many times faster than `copy.deepcopy`."""
    if isinstance(value, dict):
        return {key: copy_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_tree(item) for item in value]
    return value


def deep_merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return `first` overlaid with `second`: nested maps are merged, anything else is replaced."""
    merged = dict(first)
    for key in second.keys():  # noqa: SIM118 - a value that is no map stumbles over "keys"
        present, value = first.get(key), second[key]
        merged[key] = deep_merge(present, value) if isinstance(present, dict) else value
    return merged
