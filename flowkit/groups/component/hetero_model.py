"""client.component: merging the parts that the parties hold of a hetero model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowkit.groups.base import Group
from flowkit.groups.fields import model_fields
from flowkit.inputs.arguments import Id, optional, party, plain, text
from flowkit.reply import Reply

__all__ = ["HeteroModel"]


class HeteroModel(Group):
    """Hetero models put together from their parts; servers from 1.9 on."""

    def hetero_model_merge(
        self,
        model_id: str,
        model_version: Id,
        guest_party_id: Id,
        host_party_ids: Sequence[Id],
        component_name: str,
        model_type: str,
        output_format: str,
        target_name: str | None = None,
        host_rename: bool | None = None,
        include_guest_coef: bool | None = None,
    ) -> Reply[Any]:
        """Merge the parties' halves of a hetero model; servers from 1.9 on.

        Args:
            model_id: the model.
            model_version: its version.
            guest_party_id: the guest.
            host_party_ids: the hosts.
            component_name: the component that was trained.
            model_type: kind of model, such as ``"secureboost"`` or ``"logistic_regression"``.
            output_format: format to merge into, such as ``"pmml"``.
            target_name: name of the label; ``"y"`` by default.
            host_rename: whether the hosts' features are renamed.
            include_guest_coef: whether the guest's coefficients are kept.

        Returns:
            A reply whose data is the merged model.

        Raises:
            OperationError: the model is of a wrong kind (400).

        Endpoint: ``POST component/hetero/merge``.
        """
        return self._call(
            "component.hetero_model_merge",
            **model_fields(model_id, model_version),
            guest_party_id=party("guest_party_id", guest_party_id),
            host_party_ids=[party("host_party_ids", host) for host in host_party_ids],
            component_name=text("component_name", component_name),
            model_type=text("model_type", model_type),
            output_format=text("output_format", output_format),
            target_name=optional(text, "target_name", target_name),
            host_rename=host_rename,
            include_guest_coef=include_guest_coef,
        )

    def woe_array_extract(
        self, model_id: str, model_version: Id, party_id: Id, role: str, component_name: str
    ) -> Reply[Any]:
        """Extract the WOE arrays of a guest's binning model; servers from 1.10 on.

        Args:
            model_id: the model.
            model_version: its version.
            party_id: the guest.
            role: ``"guest"``.
            component_name: the binning component.

        Returns:
            A reply whose data is the WOE arrays, for `woe_array_merge` on the host's server.

        Raises:
            OperationError: the role is not guest (400).

        Endpoint: ``POST component/woe_array/extract``.
        """
        return self._call(
            "component.woe_array_extract",
            **model_fields(model_id, model_version, role, party_id),
            component_name=text("component_name", component_name),
        )

    def woe_array_merge(
        self,
        model_id: str,
        model_version: Id,
        party_id: Id,
        role: str,
        component_name: str,
        woe_array: Any,
    ) -> Reply[dict[str, Any]]:
        """Merge WOE arrays into a host's binning model; servers from 1.10 on.

        Args:
            model_id: the model.
            model_version: its version.
            party_id: the host.
            role: ``"host"``.
            component_name: the binning component.
            woe_array: the data of `woe_array_extract`.

        Returns:
            A reply whose data names the new model: role, party_id, model_id, model_version,
            component_name.

        Raises:
            OperationError: the role is not host (400), or there is no such component (404).

        Endpoint: ``POST component/woe_array/merge``.
        """
        return self._call(
            "component.woe_array_merge",
            **model_fields(model_id, model_version, role, party_id),
            component_name=text("component_name", component_name),
            woe_array=plain("woe_array", woe_array),
        )
