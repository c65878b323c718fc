"""Decoding: from a response to a reply, or to the error that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.errors import OperationError, ServerError
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
            _describe(call, response, body), status=response.status, body=body[:SNIPPET]
        )
    reply: Reply[Any] = Reply(envelope)
    if response.status != 200:
        reply.status = response.status
    if response.source != "network":
        reply.source = response.source
    if reply["retcode"] != 0 and not reply.ok:
        raise OperationError(call.operation.name, reply)
    return reply


def _describe(call: Call, response: Response, body: bytes) -> str:
    """Say what came back instead of an envelope, and what to look at."""
    from flowkit.call.secrets import mask_text  # rarely needed

    where = call.request.origin + call.request.path
    if 300 <= response.status < 400:
        to = mask_text(response.headers.get("Location", "an unnamed place"))
        return f"{where} redirects to {to}; redirects are not followed: use that address itself"
    what = response.headers.get("Content-Type", "no content type")
    start = mask_text(body[:SNIPPET].decode("utf-8", "replace").strip())
    hint = (
        "; this server has no such endpoint: is it FATE Flow, and of the expected version?"
        if response.status in (404, 405)
        else "; is this the address of a FATE Flow server?"
    )
    return f"{where} answered HTTP {response.status} ({what}) without FATE Flow's envelope{hint} It says: {start!r}"
