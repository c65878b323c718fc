"""What the buffers of regressions have besides in the later lines."""

from __future__ import annotations

from flowkit_mockserver.components.core.interface import ComponentRun, PartyResult
from flowkit_mockserver.party import Party

__all__ = ["tell_later"]


def tell_later(run: ComponentRun, results: dict[Party, PartyResult]) -> dict[Party, PartyResult]:
    """Add to the models what the buffers of the later lines have besides; none of it is ever set here."""
    known = run.behaviour.saves_losses
    models = [
        model
        for result in results.values()
        for model in (result.model, *result.checkpoints.values())
    ]
    for model in models:
        if not known or model is None or "exposureColname" in model.meta:
            continue
        if run.behaviour.names_no_penalty and run.module.startswith("Hetero"):
            model.meta["penalty"] = model.meta["penalty"] or "NONE"
        by_class = model.param.get("oneVsRestResult") or {}
        for param in (model.param, *by_class.get("completedModels", ())):
            param.setdefault("encryptedWeight", {})
        model.meta["revealStrategy"] = ""
        if "needOneVsRest" in model.meta:
            model.meta["module"] = ""
    return results
