"""Cores: what a task needs, and what an engine has."""

from __future__ import annotations

from flowkit_mockserver.dsl.plan import Plan, job_cores
from flowkit_mockserver.dsl.run_parameters import engine

__all__ = ["engine_cores", "task_cores"]


def task_cores(plan: Plan) -> int:
    """Return the cores that one task of a job needs on its initiator."""
    role, party_id = plan.initiator
    parallelism = int(plan.job_parameters[role][str(party_id)]["task_parallelism"])
    return job_cores(plan, role, party_id) // max(1, parallelism)


def engine_cores(name: str, standalone: int) -> int:
    """Return how many cores a computing engine has.

    Args:
        name: the engine.
        standalone: the cores of the engine that is the server itself.
    """
    return standalone if name == "STANDALONE" else engine("computing", name).cores
