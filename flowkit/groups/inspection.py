"""The part of client.component beyond the operations of the user guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.groups.base import Group
from flowkit.groups.fields import component_fields, model_fields
from flowkit.inputs.arguments import (
    Id,
    Source,
    identifier,
    mapping,
    optional,
    party,
    plain,
    role,
    text,
)
from flowkit.inputs.documents import load
from flowkit.reply import Reply

__all__ = ["Inspection"]

DSL_VERSIONS = (1, 2)


class Inspection(Group):
    """A closer look at components and their models."""

    def metric_data(
        self,
        job_id: Id,
        role: str,
        party_id: Id,
        component_name: str,
        metric_namespace: str,
        metric_name: str,
    ) -> Reply[Any]:
        """Show one metric of a component.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.
            metric_namespace: namespace of the metric, such as ``"train"``.
            metric_name: its name, such as ``"loss"``.

        Returns:
            A reply whose data is a list of pairs and whose ``meta`` describes them; an unknown
            metric has an empty list.

        Endpoint: ``POST tracking/component/metric_data``.
        """
        return self._call(
            "component.metric_data",
            **component_fields(job_id, role, party_id, component_name),
            metric_namespace=text("metric_namespace", metric_namespace),
            metric_name=text("metric_name", metric_name),
        )

    def output_data_preview(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[Any]:
        """Show the first rows of a component's output data, 100 at most.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component.

        Returns:
            A reply whose data is a list of rows for each output, and whose ``meta`` holds
            ``header``, ``names`` and ``total`` (rows in all) of each; empty without data.

        Endpoint: ``POST tracking/component/output/data``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.output_data_preview", **fields)

    def dependency(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        job_dsl: Source | None = None,
        job_runtime_conf: Source | None = None,
    ) -> Reply[dict[str, Any]]:
        """Show how the components of a job, or of a DSL, depend on each other.

        Args:
            job_id: the job; not needed with a DSL and a configuration.
            role: role of the party whose view is asked for.
            party_id: that party.
            job_dsl: path of a DSL, or a mapping.
            job_runtime_conf: path of its runtime configuration, or a mapping.

        Returns:
            A reply whose data describes the graph as FATE Board draws it: ``component_list``,
            ``dependencies``, ``component_module``, ``component_need_run``.

        Raises:
            OperationError: the job, the role or the party is not known, or the DSL is wrong (100).

        Endpoint: ``POST pipeline/dag/dependency``.
        """
        documents = {
            key: load(key, source).data
            for key, source in (("job_dsl", job_dsl), ("job_runtime_conf", job_runtime_conf))
            if source is not None
        }
        return self._call(
            "component.dependency",
            job_id=optional(identifier, "job_id", job_id),
            **_view(role, party_id),
            **documents,
        )

    def validate(
        self,
        component_name: str,
        component_module_name: str,
        role: Mapping[str, Any],
        component_parameters: Mapping[str, Any] | None = None,
        *,
        dsl_version: int = 2,
        role_parameters: Mapping[str, Any] | None = None,
        algorithm_parameters: Mapping[str, Any] | None = None,
    ) -> Reply[None]:
        """Check the parameters of a component before a job is submitted.

        Args:
            component_name: the component, such as ``"hetero_lr_0"``.
            component_module_name: its module, such as ``"HeteroLR"``.
            role: the parties by role, as in a runtime configuration.
            component_parameters: its parameters, as in a runtime configuration of version 2.
            dsl_version: 1 or 2.
            role_parameters: for version 1, in place of `component_parameters`.
            algorithm_parameters: for version 1, in place of `component_parameters`.

        Raises:
            OperationError: a parameter is wrong (400).

        Endpoint: ``POST component/validate``.
        """
        return self._call(
            "component.validate",
            component_name=text("component_name", component_name),
            component_module_name=text("component_module_name", component_module_name),
            role=mapping("role", role),
            dsl_version=dsl_version,
            component_parameters=optional(mapping, "component_parameters", component_parameters),
            role_parameters=optional(mapping, "role_parameters", role_parameters),
            algorithm_parameters=optional(mapping, "algorithm_parameters", algorithm_parameters),
        )

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


def _view(role_name: str | None, party_id: Id | None) -> dict[str, Any]:
    """Return the fields that name the party whose view is asked for."""
    return {"role": role("role", role_name), "party_id": party("party_id", party_id)}
