"""pipeline/…: how the components of a job depend on each other."""

from __future__ import annotations

from flask import Blueprint, Response

from flowkit_mockserver.errors import Refusal, check_config, require_fields
from flowkit_mockserver.http.envelope import (
    request_json,
    success,
)
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("pipeline", __name__, url_prefix="/pipeline")


@blueprint.post("/dag/dependency")
def dependency() -> Response:
    """Return the dependencies as one party sees them (POST pipeline/dag/dependency).

    They are those of a job, or of a DSL and a conf that are sent along.
    """
    from flowkit_mockserver.dsl.dependency import conf_dependency, dag_dependency

    config = request_json()
    if current_state().dialect.own_project:
        check_config(config, ("party_id", "role"))
    else:
        require_fields(config, ("party_id", "role"))
    role, party_id = config["role"], config["party_id"]
    job_id = config.get("job_id")
    if not job_id:
        return success(
            conf_dependency(
                config.get("job_dsl", {}),
                config.get("job_runtime_conf", {}),
                config.get("job_train_runtime_conf", {}),
                role=role,
                party_id=party_id,
                dialect=current_state().dialect,
            )
        )
    jobs = current_state().jobs
    rows = jobs.queries.find_jobs({"job_id": job_id, "role": role, "party_id": party_id})
    plan = jobs.store.plan(rows[0].job.job_id) if rows else None
    if plan is None:
        raise Refusal(f"query job {job_id} failed")
    # Later lines look for no party where none is named, and tell of that of the row.
    party = rows[0].party
    return success(
        dag_dependency(
            plan.parsed,
            party.role if role is None else role,
            party.party_id if party_id is None else party_id,
            own_only=current_state().dialect.own_project,
        )
    )
