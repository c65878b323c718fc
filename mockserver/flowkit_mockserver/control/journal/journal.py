"""The journal: the requests that a server answered, with what became of them, newest last.

Noting a request costs some microseconds: bodies are kept as they are, and read when somebody asks. How much is kept
has limits of number and size; the oldest requests are forgotten.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from flowkit import OPERATIONS
from flowkit.call.secrets import mask, mask_text
from flowkit.forks import renew_in_children
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import decode_json

__all__ = ["Entry", "Exchange", "Journal", "check_calls", "operation_name"]

#: The most of one body that is kept, and that of all bodies together.
BODY_BYTES = 64 * 1024
ALL_BYTES = 16 * 1024 * 1024
#: How many requests are kept.
MOST = 10_000
#: The same for a namespace, of which there may be hundreds.
NAMESPACE_BYTES, NAMESPACE_MOST = 1024 * 1024, 2_000
_API = "/v1/"
#: Where an answer ends: its keys are in order, and these two come last.
_TAIL = 256
_DONE = b'"retcode":0,'
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
        path: the path below ``/v1/``, or the whole one where there is nothing at all.
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
        return f"#{self.number} {self.operation or self.path} {shown}{asked} -> {outcome}{text}"


class Journal:
    """The requests of one namespace. Any number of threads may use it.

    Args:
        namespace: its name; empty for the server's own.
        most: how many requests are kept; None for what is usual.
    """

    def __init__(self, namespace: str = "", most: int | None = None) -> None:
        self._namespace = namespace
        self._most = most or (NAMESPACE_MOST if namespace else MOST)
        self._most_bytes = NAMESPACE_BYTES if namespace else ALL_BYTES
        self._exchanges: deque[Exchange] = deque()
        self._bytes = 0
        self._forgotten = 0
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange, and forget the oldest ones where there are too many."""
        answer = exchange.answer
        if answer is not None and len(answer) > _TAIL:
            # Of what was done only the end is of interest: it says so.
            done = _DONE in answer[-_TAIL:]
            exchange.answer = answer[-_TAIL if done else -BODY_BYTES :]
        with self._lock:
            self._exchanges.append(exchange)
            self._bytes += _size(exchange)
            while len(self._exchanges) > self._most or self._bytes > self._most_bytes:
                self._bytes -= _size(self._exchanges.popleft())
                self._forgotten += 1

    def clear(self) -> None:
        """Forget all requests, and count from 1 again."""
        with self._lock:
            self._exchanges.clear()
            self._bytes = self._forgotten = 0

    def __len__(self) -> int:
        return len(self._exchanges)

    @property
    def forgotten(self) -> int:
        """How many requests were forgotten because there were too many."""
        return self._forgotten

    def find(
        self,
        operation: str = "*",
        *,
        status: int | None = None,
        retcode: int | None = None,
        refused: bool | None = None,
        test: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        last: int | None = None,
    ) -> list[Entry]:
        """Return the requests that match, oldest first.

        Args:
            operation: pattern of operation names (``job.*``), or of paths where it holds a slash (``job/*``).
            status: the HTTP status.
            retcode: the return code.
            refused: True for those that were refused, False for the others.
            test: the name of the test that asked.
            arguments: arguments that it has; further ones do not matter.
            last: the last so many of them.

        Raises:
            ValueError: no operation has such a name, or `last` is no number from 1 on.
        """
        if last is not None and last < 1:
            raise ValueError(f"last must be a number from 1 on, or none for all, got {last!r}")
        by_path = "/" in operation
        if not by_path:
            _require_operation(operation)
        wanted: list[Callable[[Entry], bool]] = []
        if retcode is not None:
            wanted.append(lambda entry: entry.retcode == retcode)
        if refused is not None:
            wanted.append(lambda entry: entry.refused is refused)
        if arguments is not None:
            some = arguments
            wanted.append(lambda entry: _holds(entry.arguments, some))
        found: list[Entry] = []
        for number, exchange in reversed(self._numbered()):
            if status not in (None, exchange.status) or test not in (None, exchange.test):
                continue
            path = exchange.path.removeprefix(_API)
            name = path if by_path else operation_name(exchange.method, path)
            if operation != "*" and not fnmatchcase(name, operation):
                continue
            entry = self._entry(number, exchange, path)
            if all(fits(entry) for fits in wanted):
                found.append(entry)
                if len(found) == last:
                    break
        return found[::-1]

    def _numbered(self) -> list[tuple[int, Exchange]]:
        with self._lock:
            return list(enumerate(self._exchanges, self._forgotten + 1))

    def _entry(self, number: int, exchange: Exchange, path: str) -> Entry:
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
            namespace=self._namespace,
            test=exchange.test,
            hint=exchange.hint,
        )


def _size(exchange: Exchange) -> int:
    return len(exchange.body or b"") + len(exchange.answer or b"") + len(exchange.query)


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


def _require_operation(pattern: str) -> None:
    """Check that some operation has a name of a pattern.

    Raises:
        ValueError: none has; the text names the one that is likely meant.
    """
    names = [operation.name for operation in OPERATIONS]
    if pattern == "" or any(fnmatchcase(name, pattern) for name in names):
        return
    close = get_close_matches(pattern, names, 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"no operation is called {pattern!r}{meant}")


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


def _holds(whole: Any, part: Any) -> bool:
    """Return whether a JSON value has all that another has."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            name in whole and _holds(whole[name], value) for name, value in part.items()
        )
    return bool(whole == part)


def check_calls(
    journal: Journal,
    operation: str,
    *,
    times: int | None = None,
    at_least: int | None = None,
    at_most: int | None = None,
    **filters: Any,
) -> list[Entry]:
    """Return the requests that match, and check how many there are: at least one, unless a number is given.

    Args:
        journal: where they are looked for.
        operation: pattern of operation names, or of paths.
        times: how many there must be.
        at_least: how many there must be at least.
        at_most: how many there may be.
        filters: see `Journal.find`.

    Raises:
        AssertionError: there are more or fewer; the text shows the requests of that operation.
        ValueError: no operation has such a name.
    """
    found = journal.find(operation, **filters)
    if times is None and at_least is None and at_most is None:
        at_least = 1
    bounds = {"exactly": times, "at least": at_least, "at most": at_most}
    low, high = max(times or 0, at_least or 0), at_most if times is None else times
    if len(found) >= low and (high is None or len(found) <= high):
        return found
    expected = " and ".join(
        f"{word} {bound}" for word, bound in bounds.items() if bound is not None
    )
    some = {name: value for name, value in filters.items() if value is not None}
    such = "".join(f", {name}={value!r}" for name, value in some.items())
    lines = [f"{operation}{such}: expected {expected}, got {len(found)}"]
    if journal.forgotten:
        lines.append(f"the journal has forgotten the {journal.forgotten} oldest requests")
    if shown := found or journal.find(operation):
        lines += ["requests that match:" if found else "requests that match but for the rest:"]
        lines += _describe(shown)
    elif others := journal.find():
        lines += ["requests that were made:", *_describe(others)]
    else:
        lines += ["no request was made"]
    raise AssertionError("\n".join(lines))


def _describe(entries: list[Entry], limit: int = 10) -> Iterator[str]:
    """Yield a line about each of the last entries."""
    if len(entries) > limit:
        yield f"  … {len(entries) - limit} before these"
    for entry in entries[-limit:]:
        yield f"  {entry}"
