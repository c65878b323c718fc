"""The endpoints that FATE Flow has, or answers in another way, since it is a project of its own (1.7 and later)."""

from __future__ import annotations

__all__ = ["BLUEPRINTS"]

BLUEPRINTS = ()
