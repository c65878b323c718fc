"""What lines of servers do differently, beyond routes: each change once, for client and imitation.

Routes stand in `flowkit.operations`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowkit.servers import ServerLine, line_of

__all__ = [
    "CHANGES",
    "METRICS_BY_DAY",
    "MODEL_VERSION_NEEDED",
    "PERMISSIONS_BY_PARTY",
    "VALIDATION_BROKEN",
    "WORK_MODE",
    "Change",
]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is so on some lines of servers.

    Attributes:
        operations: the operations that it concerns.
        text: what is so.
        since: the first line on which it is so; None for the first of all.
        until: the last line on which it is so; None for the last of all.
    """

    operations: tuple[str, ...]
    text: str
    since: str | None = None
    until: str | None = None

    def holds_on(self, line: ServerLine) -> bool:
        """Return whether it is so on a line."""
        after = self.since is None or line >= line_of(self.since)
        return after and (self.until is None or line <= line_of(self.until))


WORK_MODE = Change(
    ("job.submit", "test.toy"),
    "the configuration of a job names the work mode; later servers warn that they ignore it",
    until="1.6",
)
MODEL_VERSION_NEEDED = Change(
    ("model.get_model_info",), "a model is looked up by its version only", until="1.8"
)
METRICS_BY_DAY = Change(
    ("component.metric_delete",), "the metrics of a whole day can be deleted", until="1.7"
)
VALIDATION_BROKEN = Change(
    ("component.validate",),
    "every request is refused: the server hands its own check too few arguments",
    since="1.7",
)
PERMISSIONS_BY_PARTY = Change(
    ("privilege.query", "privilege.grant", "privilege.delete"),
    "permissions are those of a party, for components and datasets; before, those of a role and a "
    "party, for roles, commands and components",
    since="1.9",
)

#: All of them.
CHANGES: tuple[Change, ...] = (
    WORK_MODE,
    MODEL_VERSION_NEEDED,
    METRICS_BY_DAY,
    VALIDATION_BROKEN,
    PERMISSIONS_BY_PARTY,
)
