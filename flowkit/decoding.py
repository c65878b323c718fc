"""Decoding: from a response to a reply, or to the error that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.call.limits import ANSWER_LIMIT
from flowkit.errors import OperationError, ServerError, UnsupportedServer
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.model import Call, Response

__all__ = ["OTHER_API", "decode", "is_second_generation", "require"]

SNIPPET = 300
#: The header in which a mock server explains a refusal that is terse on a real one.
HINT = "X-Flowkit-Hint"
OTHER_API = (
    "{origin} is FATE Flow {version}: its API is another one than that of 1.x, which flowkit speaks. "
    "Use its own client, fate-client {version}"
)
LARGEST_CODE = 2**63
NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a fraction",
    type(None): "null or missing",
}


def decode(call: Call, response: Response) -> Reply[Any]:
    """Turn a response into a reply.

    Raises:
        ServerError: the body is not FATE Flow's envelope, or one whose fields are of odd types.
        UnsupportedServer: it is the envelope of FATE Flow 2.x.
        OperationError: the server answered with a retcode other than 0.
    """
    body = response.read(call.options.get("answer_limit") or ANSWER_LIMIT)
    envelope = response.json()
    if is_second_generation(envelope):
        text = OTHER_API.format(origin=call.request.origin, version="2.x")
        error = UnsupportedServer(text, status=response.status, body=_clean(call, body))
        raise call.client.name_other_api(error)
    if not isinstance(envelope, dict) or "retcode" not in envelope:
        from flowkit.foreign import describe_foreign  # rarely needed

        text = describe_foreign(call, response, body)
        raise ServerError(text, status=response.status, body=_clean(call, body))
    if problem := _odd_field(envelope):
        text = (
            f"{call.request.origin}{call.request.path} answered with an envelope in which {problem}"
        )
        raise ServerError(text, status=response.status, body=_clean(call, body))
    reply: Reply[Any] = Reply(envelope)
    if response.status != 200:
        reply.status = response.status
    if response.source != "network":
        reply.source = response.source
    if reply["retcode"] != 0 and not reply.ok:
        from flowkit.call.secrets import mask  # rarely needed

        reply.update(mask(dict(reply), also=call.credentials()))  # what is echoed is masked as well
        refused = OperationError(call.operation.name, reply)
        if hint := response.headers.get(HINT):
            refused.add_note(_explain(call, hint))
        raise refused
    return reply


def _explain(call: Call, hint: str) -> str:
    """Return a server's explanation of its refusal as a line without secrets and control characters."""
    from flowkit.call.secrets import mask_text  # rarely needed

    text = mask_text(hint[: 4 * SNIPPET], call.credentials())[:SNIPPET]
    return "hint: " + "".join(letter if letter.isprintable() else "?" for letter in text)


def _clean(call: Call, body: bytes) -> bytes:
    """Return the beginning of a body without secrets."""
    from flowkit.call.secrets import mask_text  # rarely needed

    text = body[: 4 * SNIPPET].decode("utf-8", "surrogateescape")
    return mask_text(text, call.credentials()).encode("utf-8", "surrogateescape")[:SNIPPET]


def require(reply: Reply[Any], kind: type, operation: str) -> Any:
    """Return a reply's data, which is about to be taken apart.

    Args:
        reply: the reply.
        kind: `dict` or `list`.
        operation: the operation that was answered.

    Raises:
        ServerError: the data is of another type, or there is none.
    """
    data = reply.data
    if not isinstance(data, kind):
        text = f"{operation}: the server's data is {_name(data)}, not {NAMES[kind]}"
        raise ServerError(text, status=reply.status)
    return data


def _odd_field(envelope: dict[str, Any]) -> str:
    """Say which of an envelope's fields is of a type that FATE Flow never sends; empty for none."""
    code, message = envelope["retcode"], envelope.get("retmsg")
    # FATE Flow 1.6 answers tag/create with a sentence in retcode.
    if type(code) is int:
        if not -LARGEST_CODE < code < LARGEST_CODE:
            return "retcode is a number of more than 64 bits"
    elif type(code) is not str:
        return f"retcode is {_name(code)}, not a whole number"
    if message is not None and type(message) is not str:
        return f"retmsg is {_name(message)}, not a text"
    job_id = envelope.get("jobId")
    if type(job_id) is dict or type(job_id) is list:
        return f"jobId is {_name(job_id)}, not a text"
    return ""


def _name(value: object) -> str:
    """Return what JSON calls a value."""
    return NAMES.get(type(value), "a value of another kind")


def is_second_generation(envelope: object) -> bool:
    """Return whether an answer is that of FATE Flow 2.x: it has a ``code`` where 1.x has a ``retcode``."""
    return (
        isinstance(envelope, dict)
        and "retcode" not in envelope
        and isinstance(envelope.get("code"), int)
        and "message" in envelope
    )
