"""What the folders of models tell of those that no row is about, from 1.9 on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.models.cache import ModelCache, set_fields
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.files.members import kilobytes

__all__ = ["ANYTHING", "IDS", "rows_of_files"]

#: In a request: whatever there is.
ANYTHING = "*"
#: What names a model.
IDS = ("model_id", "model_version", "role", "party_id")


def rows_of_files(
    caches: ModelCaches, arguments: Mapping[str, Any], root: str, dialect: Dialect
) -> list[tuple[ModelCache, dict[str, Any]]]:
    """Return the models in a server's folders that are asked for, and the columns of each.

    Args:
        caches: the folders.
        arguments: of them `model_id`, `model_version`, `role` and `party_id` are looked at, those that are given;
            `query_filters` names the columns that are shown, all if it is empty.
        root: the server's directory, for texts.
        dialect: how the server speaks.

    Raises:
        Refusal: one of them has no pipeline, as that of a prediction.
    """
    kept = arguments.get("query_filters")
    shown = []
    asked = {name: arguments.get(name, ANYTHING) for name in IDS}
    given = {name: value for name, value in asked.items() if value != ANYTHING}
    for cache in caches.matching(**given):
        own = {
            **cache.party._asdict(),
            "model_id": cache.model_id,
            "model_version": cache.model_version,
        }
        # What is empty is no wish to `matching`, and here the name of nothing.
        if any(str(value) != own[name] for name, value in given.items()):
            continue
        pipeline = cache.read_pipeline(root)
        row = {
            **{f"f_{name}": value for name, value in set_fields(pipeline).items()},
            "f_job_id": pipeline["model_version"],
            "f_role": cache.party.role,
            "f_party_id": cache.party.party_id,
            # For clients of earlier lines.
            "f_runtime_conf": pipeline["train_runtime_conf"],
            "f_size": kilobytes(cache, dialect),
        }
        columns = {name: value for name, value in row.items() if not kept or name in kept}
        shown.append((cache, columns))
    return shown
