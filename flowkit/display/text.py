"""Texts for a terminal: the graph of a job, a curve in a line, short forms of values."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.call.secrets import mask
from flowkit.results.dag import Dag, DagNode

__all__ = ["dag_lines", "duration", "short", "sparkline", "symbol"]

BLOCKS, PLAIN_BLOCKS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
SYMBOLS = {
    "success": "✓",
    "running": "●",
    "waiting": "·",
    "failed": "✗",
    "canceled": "✗",
    "timeout": "✗",
}
PLAIN_SYMBOLS = {"success": "+", "running": "*", "waiting": "."}
MINUTE = 60


def symbol(status: str, *, plain: bool = False) -> str:
    """Return a sign for a status; `plain` keeps to ASCII."""
    return PLAIN_SYMBOLS.get(status, "x") if plain else SYMBOLS.get(status, "?")


def sparkline(values: Sequence[float], width: int = 32, *, plain: bool = False) -> str:
    """Return a curve as a line of blocks, the lowest value as the lowest block.

    Args:
        values: in their order; those that are not finite leave a gap.
        width: characters at most; of more values, evenly spaced ones are shown.
        plain: keep to ASCII.
    """
    if len(values) > width > 1:
        last = len(values) - 1
        values = [values[round(place * last / (width - 1))] for place in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    blocks = PLAIN_BLOCKS if plain else BLOCKS
    low, span = min(finite), max(finite) - min(finite)
    if not math.isfinite(span) or span == 0:
        return "".join(blocks[0] if math.isfinite(value) else " " for value in values)
    top = len(blocks) - 1
    return "".join(
        blocks[round((value - low) / span * top)] if math.isfinite(value) else " "
        for value in values
    )


def dag_lines(dag: Dag, *, plain: bool = False) -> list[str]:
    """Return a line for each component: its status, what it is, what it takes, and how far each party is.

    Components stand in an order in which they can run; `plain` keeps to ASCII.
    """
    arrow = "<-" if plain else "←"
    rows = []
    for node in dag.nodes:
        taken = [
            f"{edge.source} ({edge.kind})" if edge.kind != "data" else edge.source
            for edge in dag.edges
            if edge.target == node.name
        ]
        given = f"{arrow} {', '.join(dict.fromkeys(taken))}" if taken else ""
        rows.append(
            (symbol(node.status, plain=plain), node.name, node.module, given, _parties(node))
        )
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(4)]
    return [
        "  ".join(
            [row[0], *(row[place].ljust(widths[place]) for place in range(1, 4)), row[4]]
        ).rstrip()
        for row in rows
    ]


def _parties(node: DagNode) -> str:
    """Return the status of each party; once for all of them where they agree."""
    if not node.statuses:
        return ""
    if len(set(node.statuses.values())) == 1:
        took = max(node.elapsed.values(), default=None)
        return node.status if took is None else f"{node.status} {duration(took)}"
    return ", ".join(f"{party} {status}" for party, status in node.statuses.items())


def duration(milliseconds: float) -> str:
    """Return a time as people say it: ``0.3 s``, ``2 min 5 s``."""
    seconds = milliseconds / 1000
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


class _Short(reprlib.Repr):
    """Shows little of what is long, in one line."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict, self.maxlist, self.maxlevel, self.maxstring, self.maxother = 8, 3, 3, 60, 60

    def repr_dict(self, value: Mapping[Any, Any], level: int) -> str:
        """Keep the order of the keys."""
        if level <= 0:
            return "{...}" if value else "{}"
        shown = [
            f"{self.repr1(key, level - 1)}: {self.repr1(one, level - 1)}"
            for key, one in list(value.items())[: self.maxdict]
        ]
        return f"{{{', '.join([*shown, *(['...'] if len(value) > self.maxdict else [])])}}}"


def short(value: Any) -> str:
    """Return a value in one line of a few hundred characters at most, secrets masked."""
    return _Short().repr(mask(value))
