"""Decoding: from a response to a reply, or to the error that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.errors import OperationError, ServerError
from flowkit.foreign import describe_foreign
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.model import Call, Response

__all__ = ["decode"]

SNIPPET = 300


def decode(call: Call, response: Response) -> Reply[Any]:
    """Turn a response into a reply.

    Raises:
        ServerError: the body is not FATE Flow's envelope.
        OperationError: the server answered with a retcode other than 0.
    """
    body, envelope = response.read(), response.json()
    if not isinstance(envelope, dict) or "retcode" not in envelope:
        raise ServerError(
            describe_foreign(call, response, body), status=response.status, body=body[:SNIPPET]
        )
    reply: Reply[Any] = Reply(envelope)
    if response.status != 200:
        reply.status = response.status
    if response.source != "network":
        reply.source = response.source
    if reply["retcode"] != 0 and not reply.ok:
        raise OperationError(call.operation.name, reply)
    return reply
