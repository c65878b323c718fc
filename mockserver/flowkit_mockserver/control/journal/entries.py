"""What the journal has of a request: as it came and went, and as one reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from flowkit import OPERATIONS
from flowkit.call.secrets import mask, mask_text
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import decode_json

__all__ = ["API", "BODY_BYTES", "Entry", "Exchange", "operation_name", "read_entry"]

#: The most of one body that is kept.
BODY_BYTES = 64 * 1024
#: What the path of an operation begins with.
API = "/v1/"
#: Where an answer ends its keys are in order, and these two come last.
_RETCODE = re.compile(rb'"retcode":\s?(\d+|"[^"]*")')
_RETMSG = re.compile(rb'"retmsg":\s?("(?:[^"\\]|\\.)*")')
_LONGEST_TEXT = 2000


@dataclass(slots=True)
class Exchange:
    """A request and its answer, as they came and went.

    Attributes:
        moment: when it was answered, in seconds since the epoch on the server's clock.
        seconds: how long that took, on the machine's clock.
        method: the HTTP method.
        path: the whole path.
        query: what follows the question mark.
        body: the JSON body; None for none, or one that is too large to be kept.
        form: the fields of a form, files by their names; None for no form.
        test: the name of the test that asked.
        status: the HTTP status.
        answer: the JSON answer, or the end of one; None for any other.
        hint: why it was refused.
    """

    moment: float
    seconds: float
    method: str
    path: str
    query: str
    body: bytes | None
    form: Mapping[str, Any] | None
    test: str | None
    status: int
    answer: bytes | None
    hint: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A request of the journal.

    Attributes:
        number: counts the requests of the namespace, from 1.
        moment: when it was answered, in seconds since the epoch on the server's clock.
        duration: how long that took, in seconds on the machine's clock.
        operation: the client's name for it, such as ``job.submit``; empty for no operation.
        method: the HTTP method.
        path: the path below ``/v1/``, or the whole one where there is nothing at all; empty, as the method is, for what
            was no request of HTTP.
        arguments: what was sent: query, fields of a form (files by their names), JSON body; secrets are masked.
        status: the HTTP status.
        retcode: the return code; None where the answer is no envelope.
        retmsg: its text; secrets are masked.
        namespace: the namespace that was asked; empty for the server's own.
        test: the name of the test that asked (header ``X-Flowkit-Test``); None when it did not say.
        hint: why it was refused, where the answer alone hardly says so.
    """

    number: int
    moment: float
    duration: float
    operation: str
    method: str
    path: str
    arguments: dict[str, Any]
    status: int
    retcode: int | str | None
    retmsg: str | None
    namespace: str
    test: str | None
    hint: str | None

    @property
    def refused(self) -> bool:
        """True when the server did not do what it was asked to."""
        # One operation of the real server puts a text there when all is well.
        return self.status >= 400 or (isinstance(self.retcode, int) and self.retcode != 0)

    def to_document(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        outcome = f"HTTP {self.status}" if self.status != 200 else ""
        if self.retcode is not None:
            outcome += f"{', ' if outcome else ''}retcode {self.retcode}"
        text = f": {self.retmsg}" if self.refused and self.retmsg else ""
        arguments = json.dumps(self.arguments, default=str)
        shown = arguments if len(arguments) <= 120 else f"{arguments[:120]}…"
        asked = f" by {self.test}" if self.test else ""
        return f"#{self.number} {self.operation or self.path or 'no request'} {shown}{asked} -> {outcome}{text}"


def read_entry(number: int, exchange: Exchange, namespace: str) -> Entry:
    """Return what a request asked and what became of it.

    Args:
        number: its number in the journal.
        exchange: the request and its answer.
        namespace: the namespace that was asked; empty for the server's own.
    """
    path = exchange.path.removeprefix(API)
    retcode, retmsg = _outcome(exchange.answer)
    return Entry(
        number=number,
        moment=exchange.moment,
        duration=exchange.seconds,
        operation=operation_name(exchange.method, path),
        method=exchange.method,
        path=path,
        arguments=_arguments(exchange),
        status=exchange.status,
        retcode=retcode,
        retmsg=retmsg,
        namespace=namespace,
        test=exchange.test,
        hint=exchange.hint,
    )


@cache
def _operations() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for operation in OPERATIONS:
        for route in operation.every_route:
            found.setdefault((route.method, route.path), operation.name)
    return found


def operation_name(method: str, path: str) -> str:
    """Return the client's name for a request, such as ``job.submit``; empty for no operation.

    Args:
        method: the HTTP method.
        path: the path below ``/v1/``.
    """
    return _operations().get((method, path), "")


def _arguments(exchange: Exchange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in parse_qsl(exchange.query, keep_blank_values=True):
        found[name] = text
        if text.startswith("{"):  # an upload carries its whole configuration in one field
            value = _json(text)
            if isinstance(value, dict):
                found[name] = value
    found |= exchange.form or {}
    if exchange.body:
        value = _json(exchange.body)
        found |= value if isinstance(value, dict) else {"": value}
    masked: dict[str, Any] = mask(found)
    return masked


def _json(content: bytes | str) -> Any:
    """Return a JSON value; the beginning of the text where it is none, or one that no server would take."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    try:
        return decode_json(data)
    except (Refusal, ValueError):
        return data[: 4 * _LONGEST_TEXT].decode(errors="replace")[:_LONGEST_TEXT]


def _outcome(answer: bytes | None) -> tuple[int | str | None, str | None]:
    """Return retcode and retmsg of an answer, or of the end of one."""
    if answer is None:
        return None, None
    value = _json(answer)
    if not isinstance(value, dict):
        # The end of a large one.
        value = {
            name: json.loads(found[-1])
            for name, pattern in (("retcode", _RETCODE), ("retmsg", _RETMSG))
            if (found := pattern.findall(answer))
        }
    code, text = value.get("retcode"), value.get("retmsg")
    code = mask_text(code) if isinstance(code, str) else code  # a sentence, as 1.6 has it once
    return code, mask_text(text) if isinstance(text, str) else None
