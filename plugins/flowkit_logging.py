"""Logs with `logging`: one event a call, one an attempt, as structured fields, without secrets.

::

    logging.basicConfig(level=logging.INFO)
    FlowClient(plugins=[Logging()])

Events go to the logger ``flowkit``: a call that succeeds as INFO, one that fails as WARNING, each
attempt as DEBUG. The message is for people; the same facts are attributes of the log record (see
`FIELDS`), for whatever collects logs. `JsonFormatter` writes them as one JSON object a line.
"""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from flowkit import Call, Request, Response, hookimpl
from flowkit.call.secrets import MASK, is_secret_name, mask

__all__ = ["FIELDS", "JsonFormatter", "Logging", "redacted"]

FIELDS = (
    "event",  # "call" or "attempt"
    "operation",  # "job.query"
    "call",  # number of the call in this process; joins it with its attempts
    "attempt",  # number of the attempt; of a call: how many there were
    "http_method",
    "url",
    "arguments",  # calls only
    "headers",  # attempts only; as they were before signing
    "http_status",
    "retcode",  # calls only
    "source",  # "network", "cache", "mock" …
    "duration_ms",
    "bytes",  # size of the answer; None while it is still being streamed
    "error",  # "TimedOut: …"; None for an answer, whatever its retcode
)

NUMBERS = itertools.count(1)
LONGEST = 2000


class Logging:
    """Logs what a client does.

    Args:
        logger: the logger, or its name.
        call_level: level of a call that succeeds.
        attempt_level: level of each attempt.
        failure_level: level of a call that fails: an exception, an HTTP error, a retcode not 0.
        redact: takes whatever would be logged (a mapping, a text …) and returns it without
            secrets; by default `redacted`.

    While a level is off, its events are not even made.
    """

    name = "logging"

    def __init__(
        self,
        logger: logging.Logger | str = "flowkit",
        *,
        call_level: int = logging.INFO,
        attempt_level: int = logging.DEBUG,
        failure_level: int = logging.WARNING,
        redact: Callable[[Any], Any] | None = None,
    ) -> None:
        self._logger = logging.getLogger(logger) if isinstance(logger, str) else logger
        self._call_level = call_level
        self._attempt_level = attempt_level
        self._failure_level = failure_level
        self._redact = redact or redacted

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Log the call when it has ended."""
        if not self._logger.isEnabledFor(min(self._call_level, self._failure_level)):
            return (yield)
        started = time.perf_counter()
        try:
            response = yield
        except BaseException as error:
            self._log_call(call, started, None, error)
            raise
        self._log_call(call, started, response, None)
        return response

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Log the attempt when it has ended."""
        if not self._logger.isEnabledFor(self._attempt_level):
            return (yield)
        started = time.perf_counter()
        try:
            response = yield
        except BaseException as error:
            self._log_attempt(call, request, started, None, error)
            raise
        self._log_attempt(call, request, started, response, None)
        return response

    def _log_call(
        self, call: Call, started: float, response: Response | None, error: BaseException | None
    ) -> None:
        retcode = retcode_of(response)
        failed = error is not None or response is None or response.status >= 400 or bool(retcode)
        level = self._failure_level if failed else self._call_level
        if self._logger.isEnabledFor(level):
            fields = self._fields("call", call, call.request, started, response, error)
            fields["arguments"] = self._redact(call.arguments)
            fields["retcode"] = retcode
            self._emit(level, fields)

    def _log_attempt(
        self,
        call: Call,
        request: Request,
        started: float,
        response: Response | None,
        error: BaseException | None,
    ) -> None:
        fields = self._fields("attempt", call, request, started, response, error)
        fields["headers"] = self._redact(request.headers)
        self._emit(self._attempt_level, fields)

    def _emit(self, level: int, fields: Mapping[str, Any]) -> None:
        # Not `log`: it would look for the line that calls it, which is this one every time.
        message = (Sentence(fields),)
        self._logger.handle(
            self._logger.makeRecord(
                self._logger.name, level, __file__, 0, "%s", message, None, extra=fields
            )
        )

    def _fields(
        self,
        event: str,
        call: Call,
        request: Request,
        started: float,
        response: Response | None,
        error: BaseException | None,
    ) -> dict[str, Any]:
        size = None if response is None or response.streamed else len(response.read())
        return {
            "event": event,
            "operation": call.operation.name,
            "call": call.scratch.get(self.name) or self._number(call),
            "attempt": call.attempt,
            "http_method": request.method,
            "url": request.origin + request.path + self._query(request.query),
            "http_status": None if response is None else response.status,
            "source": None if response is None else response.source,
            "duration_ms": round((time.perf_counter() - started) * 1000, 3),
            "bytes": size,
            "error": None if error is None else self._redact(f"{type(error).__name__}: {error}"),
        }

    def _number(self, call: Call) -> int:
        number: int = call.scratch.setdefault(self.name, next(NUMBERS))
        return number

    def _query(self, query: str) -> str:
        """Return the query without secrets; FATE Flow's uploads carry a JSON object there."""
        if not query:
            return ""
        text = unquote(query)
        try:
            return "?" + quote(json.dumps(self._redact(json.loads(text))), safe="")
        except ValueError:
            pairs = (pair.partition("=") for pair in query.split("&"))
            hidden = ((name, sep, MASK if is_secret_name(unquote(name)) else value)
                      for name, sep, value in pairs)  # fmt: skip
            return "?" + "&".join(map("".join, hidden))


class Sentence:
    """The message of an event, put together only if somebody reads it."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __str__(self) -> str:
        get = self._fields.get
        what = (
            f"{get('operation')} attempt {get('attempt')}"
            if get("event") == "attempt"
            else get("operation")
        )
        outcome = get("error") or f"HTTP {get('http_status')} from {get('source')}"
        code = get("retcode")
        said = f", retcode {code}" if code is not None else ""
        return f"{what}: {outcome}{said} in {get('duration_ms')} ms"


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object a line: time, level, logger, message, and the `FIELDS`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {
            name: value for name in FIELDS if (value := getattr(record, name, None)) is not None
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def redacted(value: Any) -> Any:
    """Return `value` with every secret replaced: by the names of fields, and in texts by their form.

    Mappings and lists are gone through to any depth; long texts are cut off.
    """
    return mask(value, longest=LONGEST)


def retcode_of(response: Response | None) -> int | None:
    """Return the retcode of an envelope; None for anything else, and for what is still streamed."""
    if response is None or response.streamed:
        return None
    envelope = response.json() if response.read().startswith(b"{") else None
    code = envelope.get("retcode") if isinstance(envelope, dict) else None
    return code if isinstance(code, int) else None
