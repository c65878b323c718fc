"""One object holds a server's services, and makes them anew on reset."""

from __future__ import annotations

from flowkit_mockserver.state import ServerState


def test_a_reset_makes_the_services_anew_and_keeps_clock_and_lock() -> None:
    state = ServerState()
    clock, lock, jobs = state.clock, state.lock, state.jobs
    state.tags.create("gold")

    state.reset()

    assert (state.clock, state.lock) == (clock, lock)
    assert state.jobs is not jobs
    assert state.tags.first(10) == []
    state.close()


def test_tags_look_at_the_rows_of_the_models_and_models_at_the_plans_of_jobs() -> None:
    state = ServerState()
    state.models.rows.add(
        {"role": "guest", "party_id": 1, "model_id": "m", "model_version": "1", "size": 3}
    )
    state.tags.attach("1", "gold")

    assert [model["model_id"] for model in state.tags.models("gold")] == ["m"]
    state.close()
