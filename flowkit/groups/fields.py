"""The fields that many operations share: which job, which party, which component."""

from __future__ import annotations

from typing import Any

from flowkit.inputs import arguments
from flowkit.inputs.arguments import Id, optional, refusal

__all__ = ["component_fields", "filter_fields", "model_fields", "party_fields", "trained_version"]


def party_fields(job_id: Id, role: str, party_id: Id) -> dict[str, Any]:
    """Return the fields that name one party of one job."""
    return {
        "job_id": arguments.identifier("job_id", job_id),
        "role": arguments.role("role", role),
        "party_id": arguments.party("party_id", party_id),
    }


def component_fields(job_id: Id, role: str, party_id: Id, component_name: str) -> dict[str, Any]:
    """Return the fields that name one component as one party of a job ran it."""
    fields = party_fields(job_id, role, party_id)
    return {**fields, "component_name": arguments.text("component_name", component_name)}


def filter_fields(
    job_id: Id | None = None,
    role: str | None = None,
    party_id: Id | None = None,
    component_name: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """Return filters for jobs, tasks or tables; None for those that were not given."""
    return {
        "job_id": optional(arguments.identifier, "job_id", job_id),
        "role": optional(arguments.role, "role", role),
        "party_id": optional(arguments.party, "party_id", party_id),
        "component_name": optional(arguments.text, "component_name", component_name),
        "status": optional(arguments.text, "status", status),
    }


def model_fields(
    model_id: str, model_version: Id, role: str | None = None, party_id: Id | None = None
) -> dict[str, Any]:
    """Return the fields that name a model, or one party's part of it."""
    return {
        "model_id": arguments.text("model_id", model_id),
        "model_version": arguments.identifier("model_version", model_version),
        "role": optional(arguments.role, "role", role),
        "party_id": optional(arguments.party, "party_id", party_id),
    }


def trained_version(model_version: Id | None) -> str:
    """Return the version of a trained model, which must be given."""
    if model_version is None:
        way_out = "it is the id of the job that trained the model"
        raise refusal("model_version", None, "given", way_out)
    return arguments.identifier("model_version", model_version)
