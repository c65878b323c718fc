"""client.component: what the components of a job are, and what they have put out."""

from __future__ import annotations

from flowkit.groups.component.hetero_model import HeteroModel
from flowkit.groups.component.metrics import ComponentMetrics
from flowkit.groups.component.output import ComponentOutput
from flowkit.groups.component.parameters import ComponentParameters

__all__ = ["Component"]


class Component(ComponentParameters, ComponentMetrics, ComponentOutput, HeteroModel):
    """Components: the steps of a job, as each party sees them.

    Most operations name the component by four arguments: job, role, party and component name.
    """
