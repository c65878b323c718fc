"""The model that a component saves, in the buffers of its kind."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.kinds.kind import ANY_ROLE, Buffers
from flowkit_mockserver.kinds.lookup import find_kind

__all__ = ["buffers_of", "saved_model"]


def buffers_of(module: str, role: str = ANY_ROLE, *, later: bool = False) -> Buffers:
    """Return the buffers in which a kind saves its model on a role, in the first lines or in the `later` ones.

    Raises:
        LookupError: there is no such kind, or it saves none there.
    """
    kind = find_kind(module)
    if kind is None:
        raise LookupError(f"there is no kind {module}")
    return kind.buffers_of(role, later=later)


def saved_model(
    module: str,
    meta: dict[str, Any],
    param: dict[str, Any],
    state: dict[str, Any] | None = None,
    *,
    role: str = ANY_ROLE,
    later: bool = False,
) -> Model:
    """Return the model of one party.

    Args:
        module: the kind, which knows the names and messages of the buffers.
        meta: the meta buffer as JSON, from `proto.documents.message`.
        param: the parameter buffer as JSON.
        state: what a later prediction needs beside `param`; plain JSON.
        role: the party's, for kinds whose roles save buffers of different names.
        later: whether it is saved as in the later lines.
    """
    buffers = buffers_of(module, role, later=later)
    return Model(
        module=module,
        meta_name=buffers.meta,
        meta=meta,
        param_name=buffers.param,
        param=param,
        meta_message=buffers.meta_message,
        param_message=buffers.param_message,
        state={} if state is None else state,
    )
