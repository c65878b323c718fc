"""A federated training from beginning to end, on two small tables that come with flowkit.

Each step is a function that is handed a client; it does not matter what server stands behind it.
"""

from __future__ import annotations

from flowkit.demo.steps import (
    COMPONENTS,
    DATA,
    GUEST,
    HOST,
    Prediction,
    Submitted,
    deploy,
    evaluation,
    predict,
    predictions,
    statuses,
    train,
    upload,
)

__all__ = [
    "COMPONENTS",
    "DATA",
    "GUEST",
    "HOST",
    "Prediction",
    "Submitted",
    "deploy",
    "evaluation",
    "predict",
    "predictions",
    "statuses",
    "train",
    "upload",
]
