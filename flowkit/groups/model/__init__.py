"""client.model: trained models, their deployment and their tags."""

from __future__ import annotations

from flowkit.groups.model.deploy import ModelDeployment
from flowkit.groups.model.query import ModelQuery
from flowkit.groups.model.transfer import ModelTransfer

__all__ = ["Model"]


class Model(ModelDeployment, ModelTransfer, ModelQuery):
    """Models: trained, deployed, tagged.

    A model has an id, made of its roles and parties, and a version: the id of the job that trained
    it, or of the deployment that made it ready for prediction.
    """
