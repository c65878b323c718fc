"""Plots of what components found; they need matplotlib, the extra ``plot``.

Each function takes data of `flowkit.results`, a reply, or ``(client, job_id, component)``, draws on new axes or on
those given as ``ax``, and returns them::

    from flowkit import plot

    plot.roc((flow, job_id, "evaluation_0"))
    plot.loss(flow.component.metric_all(job_id, "arbiter", 10000, "hetero_lr_0"))
"""

from flowkit.plot.plots import (
    binning,
    confusion,
    dag,
    gain,
    importance,
    ks,
    lift,
    loss,
    precision_recall,
    roc,
)

__all__ = [
    "binning",
    "confusion",
    "dag",
    "gain",
    "importance",
    "ks",
    "lift",
    "loss",
    "precision_recall",
    "roc",
]
