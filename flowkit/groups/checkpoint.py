"""client.checkpoint: intermediate models of a training; servers from 1.7 on."""

from __future__ import annotations

from typing import Any

from flowkit.errors import ArgumentError
from flowkit.groups.base import Group
from flowkit.groups.fields import model_fields
from flowkit.inputs.arguments import Id, integer, optional, text
from flowkit.reply import Reply

__all__ = ["Checkpoint"]

Checkpoints = list[dict[str, Any]]


class Checkpoint(Group):
    """Checkpoints: the model of a component after a step of its training."""

    def list_checkpoints(
        self, role: str, party_id: Id, model_id: str, model_version: Id, component_name: str
    ) -> Reply[Checkpoints]:
        """List the checkpoints of a component.

        Args:
            role: role of the party.
            party_id: the party.
            model_id: the model.
            model_version: its version.
            component_name: the component that was trained.

        Returns:
            A reply whose data is a list of ``step_index``, ``step_name``, ``create_time`` and
            ``models`` (hash and kind by name); empty when there are none. Tell them apart by
            ``step_index``: 1.11 calls every step of a regression ``"step_name"``.

        Raises:
            OperationError: something is missing (400).

        Endpoint: ``POST checkpoint/list``.
        """
        return self._call(
            "checkpoint.list_checkpoints",
            **model_fields(model_id, model_version, role, party_id),
            component_name=text("component_name", component_name),
        )

    def get_checkpoint(
        self,
        role: str,
        party_id: Id,
        model_id: str,
        model_version: Id,
        component_name: str,
        step_index: int | None = None,
        step_name: str | None = None,
    ) -> Reply[dict[str, Any]]:
        """Fetch one checkpoint.

        Args:
            role: role of the party.
            party_id: the party.
            model_id: the model.
            model_version: its version.
            component_name: the component that was trained.
            step_index: number of the step, from 0; or
            step_name: its name, as `list_checkpoints` gives it.

        Returns:
            A reply whose data holds ``step_index``, ``step_name``, ``create_time`` and
            ``models``: each model's protobuf in base64, by name.

        Raises:
            ArgumentError: neither or both of `step_index` and `step_name` were given.
            OperationError: there is no such checkpoint (404).

        Endpoint: ``POST checkpoint/get``.
        """
        if (step_index is None) == (step_name is None):
            raise ArgumentError(
                "step_index or step_name is required, and not both", argument="step_index"
            )
        return self._call(
            "checkpoint.get_checkpoint",
            **model_fields(model_id, model_version, role, party_id),
            component_name=text("component_name", component_name),
            step_index=optional(integer, "step_index", step_index),
            step_name=optional(text, "step_name", step_name),
        )
