"""How the server names the folder of a model since 1.9, and what it says of values that make no name."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["check_folder", "check_party_model"]


def check_party_model(party_model: Any) -> None:
    """Refuse what is no role, party and model id in one text.

    Raises:
        AttributeError: it is no text.
        ValueError: it has fewer parts.
    """
    if not isinstance(party_model, str):
        kind = type(party_model).__name__
        raise AttributeError(f"'{kind}' object has no attribute 'split'")
    parts = party_model.split("#", 2)
    if len(parts) < 3:
        raise ValueError(f"not enough values to unpack (expected 3, got {len(parts)})")


def check_folder(role: Any, party_id: Any, model_id: Any, version: Any) -> None:
    """Refuse values that make no path of a folder.

    Raises:
        AttributeError: the model id is empty.
        TypeError: one of them is no text; the party may be a number.
    """
    check_party_model("#".join([role, str(party_id), model_id]) if model_id else None)
    os.fspath(version)
