"""client.component: which components a job has, and with which parameters they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.changes import VALIDATION_BROKEN
from flowkit.errors import UnsupportedOperation
from flowkit.groups.base import Group
from flowkit.groups.fields import component_fields
from flowkit.inputs.arguments import Id, Source, identifier, mapping, optional, party, role, text
from flowkit.inputs.documents import load
from flowkit.reply import Reply

__all__ = ["ComponentParameters"]

DSL_VERSIONS = (1, 2)


class ComponentParameters(Group):
    """The components of a job as they were ordered."""

    def list(self, job_id: Id) -> Reply[dict[str, Any]]:
        """List the components of a job.

        Args:
            job_id: the job.

        Returns:
            A reply whose data is ``{"components": [...]}``, in the order of the DSL.

        Raises:
            OperationError: the server does not know the job (100).

        Endpoint: ``POST tracking/component/list``.
        """
        return self._call("component.list", job_id=identifier("job_id", job_id))

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

    def parameters(
        self, job_id: Id, role: str, party_id: Id, component_name: str
    ) -> Reply[dict[str, Any]]:
        """Show the parameters with which a component runs, defaults included.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            component_name: the component, such as ``"hetero_lr_0"``.

        Returns:
            A reply whose data is ``{"module": "HeteroLR", "<Class>Param": {...}}``; from 1.7 on
            the second key is ``ComponentParam``. Without data, with retcode 0, when the party
            does not run the component (up to 1.6).

        Raises:
            OperationError: the job (101) or the component (100) is not known; from 1.7 on, job,
                component or party (all 101).

        Endpoint: ``POST tracking/component/parameters``.
        """
        fields = component_fields(job_id, role, party_id, component_name)
        return self._call("component.parameters", **fields)

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
            UnsupportedOperation: the server is of line 1.7 or later, where this is broken.

        Endpoint: ``POST component/validate``.
        """
        line = self._client.server_line()
        if VALIDATION_BROKEN.holds_on(line):
            raise UnsupportedOperation(
                "component.validate",
                line.name,
                f"FATE Flow {line} refuses every such request, by a fault of its own: it hands its "
                "check too few arguments. It checks parameters when a job is submitted. Nothing was "
                "sent",
            )
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


def _view(role_name: str | None, party_id: Id | None) -> dict[str, Any]:
    """Return the fields that name the party whose view is meant."""
    return {"role": role("role", role_name), "party_id": party("party_id", party_id)}
