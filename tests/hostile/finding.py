"""What an attack found: one line of the table."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Finding", "table"]


@dataclass
class Finding:
    """The result of one attack.

    Attributes:
        attack: what was done.
        count: how often.
        faults: what went wrong, one sentence each; none is the right outcome.
        detail: figures worth a look.
    """

    attack: str
    count: int = 0
    faults: list[str] = field(default_factory=list)
    detail: str = ""


def table(findings: list[Finding]) -> str:
    """Return findings as a table, each followed by the first of its faults."""
    lines = [f"{'attack':<34}{'count':>9}{'faults':>8}  detail"]
    for found in findings:
        lines.append(f"{found.attack:<34}{found.count:>9}{len(found.faults):>8}  {found.detail}")
        lines += [f"    {fault[:160]}" for fault in found.faults[:5]]
    return "\n".join(lines)
