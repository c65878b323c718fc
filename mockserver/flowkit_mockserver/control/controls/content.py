"""Keep, bring back, compare and forget what a server remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowkit_mockserver.control.controls.world import World
from flowkit_mockserver.control.snapshots.differences import Difference, difference
from flowkit_mockserver.control.snapshots.snapshot import Snapshot
from flowkit_mockserver.control.snapshots.states import restore, take_snapshot

__all__ = ["ContentControls"]


class ContentControls(World):
    """The verbs about what a server remembers."""

    def reset(self) -> list[str]:
        """Forget everything: jobs, tables, models, tags, permissions, failures and the journal.

        Time goes on from where it is, and other namespaces keep what they have. The seed data that the server
        started with are there again.

        Returns:
            a line about each failure that was ordered and has hit nothing.
        """
        with self.state.lock:
            unmatched = self.state.faults.unmatched()
            self.state.reset()
        if self.worlds.start is not None:
            restore(self.state, self.worlds.start)
        self.report_unmatched(unmatched)
        return unmatched

    def snapshot(self) -> Snapshot:
        """Return all that the server remembers: jobs, tables, models, tags, permissions and what else it keeps.

        Failures that were ordered, and the journal, are not part of it. `Snapshot.save` writes it into a file.
        """
        state = self.state
        state.settle()
        with state.lock:
            return take_snapshot(state)

    def restore(self, snapshot: Snapshot | str | Path) -> None:
        """Let the server remember what a snapshot says, and nothing else.

        Failures that were ordered and the journal are forgotten. Time that stands still goes to the moment of the
        snapshot; else it goes on, and jobs that were running have run on meanwhile.

        Args:
            snapshot: the snapshot, or its file.

        Raises:
            OSError: the file cannot be read.
            SnapshotError: it is no snapshot, a damaged one, of a newer version, or of a server of another line;
                nothing has changed.
        """
        restore(self.state, _read(snapshot))

    def diff(
        self,
        before: Snapshot | str | Path | dict[str, Any],
        after: Snapshot | str | Path | dict[str, Any] | None = None,
    ) -> Difference:
        """Say what two snapshots differ in: what was added, removed or changed.

        Args:
            before: the earlier snapshot, its file, or the JSON value of that.
            after: the later one; None for the server as it is.

        Raises:
            OSError: a file cannot be read.
            SnapshotError: one is no snapshot, a damaged one, or of a newer version.
        """
        first = _read(before)
        return difference(first, self.snapshot() if after is None else _read(after))


def _read(snapshot: Snapshot | str | Path | dict[str, Any]) -> Snapshot:
    if isinstance(snapshot, Snapshot):
        return snapshot
    return (
        Snapshot.from_document(snapshot) if isinstance(snapshot, dict) else Snapshot.load(snapshot)
    )
