"""Tables as what a network of the user's own is trained on: FATE's ``TableDataset``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowkit_mockserver.components.core.federation import text_order
from flowkit_mockserver.components.core.instance import Instances

__all__ = ["Samples"]

_TYPES = {"long": np.int64, "int": np.int32, "float": np.float32, "double": np.float64}
_DEFAULTS: Mapping[str, Any] = {
    "label_col": None,
    "feature_dtype": "float",
    "label_dtype": "float",
    "label_shape": None,
    "flatten_label": False,
}
#: The datasets that read a table, by the names that a user gives.
_NAMES = (None, "", "table", "table.py")


@dataclass(frozen=True)
class Samples:
    """The samples of a table in the order of plain text of their ids.

    Attributes:
        data: the samples in this order.
        features: shape (n, d).
        labels: shape (n, 1), or as the user shapes them; None without labels.
        weights: shape (n,), or None.
    """

    data: Instances
    features: Tensor
    labels: Tensor | None
    weights: Tensor | None

    @classmethod
    def of(cls, data: Instances, asked: Mapping[str, Any] | None = None) -> Samples:
        """Return the samples of a table.

        Args:
            data: the table.
            asked: the ``dataset`` of the parameter: ``dataset_name`` and its ``param``.

        Raises:
            ValueError: the dataset is code of the user's, or one of its arguments is not known.
        """
        asked = asked or {}
        if asked.get("dataset_name") not in _NAMES:
            raise ValueError(
                f"dataset {asked['dataset_name']!r} is not run by this mock server; it runs the dataset 'table'"
            )
        options = {**_DEFAULTS, **(asked.get("param") or {})}
        if unknown := options.keys() - _DEFAULTS.keys():
            raise ValueError(
                f"the dataset 'table' has no arguments {sorted(unknown)}; there are {sorted(_DEFAULTS)}"
            )
        data = data.take(text_order(data.ids))
        labels = None if data.labels is None else _labels(data.labels, options)
        weights = None if data.weights is None else torch.tensor(data.weights.astype(np.float64))
        return cls(data, _tensor(data.numbers, options["feature_dtype"]), labels, weights)

    def __len__(self) -> int:
        return len(self.data)


def _tensor(values: NDArray[Any], kind: str | None) -> Tensor:
    if kind is None:
        return torch.tensor(values)
    if kind not in _TYPES:
        raise ValueError(f"available dtype is {list(_TYPES)}, but got {kind}")
    return torch.tensor(values.astype(_TYPES[kind]))


def _labels(labels: NDArray[Any], options: Mapping[str, Any]) -> Tensor:
    found = _tensor(labels, options["label_dtype"])
    found = found.reshape(list(options["label_shape"] or (len(labels), -1)))
    return found.flatten() if options["flatten_label"] else found
