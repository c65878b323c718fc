"""The endpoints that FATE Flow has, or answers in another way, since it is a project of its own."""

from __future__ import annotations

from flowkit_mockserver.wire.later import (
    binding,
    checkpoint,
    component,
    data,
    job,
    job_list,
    log,
    model,
    permission,
    registry,
    server,
    services,
    table,
    tracking,
)

__all__ = ["BLUEPRINTS"]

#: Each of these answers before the view of the first lines for the same route.
BLUEPRINTS = (
    job.blueprint,
    job_list.blueprint,
    log.blueprint,
    data.blueprint,
    binding.blueprint,
    table.blueprint,
    tracking.blueprint,
    model.blueprint,
    checkpoint.blueprint,
    component.blueprint,
    permission.blueprint,
    *server.blueprints,
    *registry.blueprints,
    *services.blueprints,
)
