"""FlowClient as the official SDK has it; `flowkit.compat` gives the same class."""

from __future__ import annotations

from flowkit.compat import FlowClient

__all__ = ["FlowClient"]
