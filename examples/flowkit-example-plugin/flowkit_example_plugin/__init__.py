"""Two plugins for flowkit: an audit trail, and the operations on resources."""

from __future__ import annotations

from flowkit_example_plugin.audit import Audit
from flowkit_example_plugin.resources import Resource, Resources

__all__ = ["Audit", "Resource", "Resources"]
