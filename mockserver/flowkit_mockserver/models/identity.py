"""The names by which models go."""

from __future__ import annotations

__all__ = ["model_key", "party_model_id"]


def party_model_id(role: object, party_id: object, model_id: object) -> str:
    """Return the id of one party's part of a model, ``guest#9999#guest-9999#host-10000#model``."""
    return f"{role}#{party_id}#{model_id}"


def model_key(party_model: str, model_version: object) -> str:
    """Return the key under which one party's part of a model is kept."""
    return f"{party_model}/{model_version}"
