"""The columns of one party on their way through the filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Properties", "Step", "passed_order"]


@dataclass
class Properties:
    """What a filter is given, and what it leaves.

    Attributes:
        before: the columns that are left of all, in the order of the header.
        selected: those among them that filters decide about, in the order of the user's choice.
        left: those that the filter at hand leaves, in the order of its decisions.
        values: the numbers by which it judged.
    """

    before: list[str]
    selected: list[str]
    left: list[str] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)

    def decide(self, left: Iterable[str], values: Mapping[str, float] | None = None) -> None:
        """Note what a filter leaves, and the numbers by which it judged."""
        self.left = list(left)
        self.values = dict(values or {})

    def keep_one(self, values: Mapping[str, float], *, high: bool) -> None:
        """Leave the best column when none is left; without numbers the first, where the server takes any."""
        if self.left or not self.selected:
            return
        if not values:
            self.left = self.selected[:1]
            return
        best = sorted(values.items(), key=lambda item: item[1], reverse=high)
        self.left = [best[0][0]]

    @property
    def after(self) -> list[str]:
        """The columns that are left of all once the filter is through."""
        decided, left = set(self.selected), set(self.left)
        return [name for name in self.before if name not in decided or name in left]

    def following(self) -> Properties:
        """Return what the next filter is given."""
        return Properties(self.after, self.left)


@dataclass
class Step:
    """One filter that is through, on one party.

    Attributes:
        name: what it is called in the model and the summary.
        own: the party's columns.
        hosts: what the guest decided for each host, by the names under which it knows their columns.
    """

    name: str
    own: Properties
    hosts: list[Properties] = field(default_factory=list)


def passed_order(steps: Sequence[Properties]) -> list[str]:
    """Return all columns, those first that got through the most filters."""
    passed: dict[str, int] = {}
    for step in steps:
        after = set(step.after)
        for name in step.before:
            passed[name] = passed.get(name, 0) + (name in after)
    return sorted(passed, key=lambda name: -passed[name])
