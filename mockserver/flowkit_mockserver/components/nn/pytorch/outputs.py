"""What the outputs of a network of the user's own mean for samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    multi_predictions,
    regression_predictions,
)
from flowkit_mockserver.components.nn.pytorch.samples import Samples

__all__ = ["network_task", "said_of"]

_MATRIX = 2


def network_task(outputs: Tensor, samples: Samples) -> str | None:
    """Return ``binary``, ``multi`` or ``regression`` as labels and outputs suggest; None where they suggest nothing."""
    labels = samples.labels
    if labels is None:
        raise ValueError("a label is needed to tell what kind of task it is")
    if float(labels.max()) == 1.0 and float(labels.min()) == 0.0:
        return "binary"
    if outputs.dim() == _MATRIX and outputs.shape[1] > 1:
        sums = outputs.sum(dim=1)
        return "multi" if torch.isclose(sums, torch.ones(1, dtype=sums.dtype)).all() else None
    if outputs.dim() == 1 or outputs.shape[1] == 1:
        return "regression"
    return None


def said_of(task: str, outputs: Tensor, samples: Samples, threshold: float = 0.5) -> Predictions:
    """Return the predictions of samples; classes are numbered, labels show as the numbers that the network took."""
    values: NDArray[np.float64] = outputs.numpy().astype(np.float64)
    labels = None if samples.labels is None else _shown(samples.labels)
    if task == "multi":
        return multi_predictions(labels, values, range(values.shape[1]))
    # Of several outputs the server takes the first ones, in their order, for the samples.
    values = values.reshape(-1)[: len(samples)]
    if task == "binary":
        return binary_predictions(labels, values, threshold)
    return regression_predictions(labels, values)


def _shown(labels: Tensor) -> NDArray[Any]:
    found = np.empty(len(labels), dtype=object)
    found[:] = labels.flatten().tolist()[: len(labels)]
    return found
