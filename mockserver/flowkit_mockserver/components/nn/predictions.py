"""What the outputs of a network mean for samples: a value, a probability, or one for each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.predict_output import (
    Predictions,
    binary_predictions,
    multi_predictions,
    regression_predictions,
)

__all__ = ["network_predictions"]

_TWO_CLASSES = 2


def network_predictions(
    data: Instances, outputs: NDArray[np.float64], classes: int, threshold: float
) -> Predictions:
    """Return predictions; classes are numbered.

    Args:
        data: the samples.
        outputs: shape (n, k).
        classes: how many classes there are; 0 for a regression.
        threshold: above which a sample is of the second of two classes.
    """
    if not classes:
        return regression_predictions(data.labels, outputs[:, 0])
    if classes > _TWO_CLASSES:
        return multi_predictions(data.labels, outputs, range(classes))
    return binary_predictions(data.labels, outputs[:, 0], threshold)
