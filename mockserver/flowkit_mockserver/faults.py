"""Failures on demand: which components and which requests fail.

A component fault and a request fault are ordered from Python (`MockServer.fail`, `MockServer.refuse`)
or through the control API (``/_flowkit/fail``, ``/_flowkit/refuse``); a rule file of the plugin ``faults``
orders request faults of further kinds. All of them are counted and used up here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from flask import Flask, Response, g, request

from flowkit import OPERATIONS, Clock
from flowkit_faults import Rule, Rules
from flowkit_mockserver.party import Party

__all__ = ["ComponentFault", "Faults", "RequestFault", "apply_rules"]

#: The roles that a party can have.
ROLES = ("guest", "host", "arbiter", "local")
_LONGEST_TEXT = 64 * 1024
_LONGEST_HEADER = 256
#: So many faults can be ordered at a time.
_MOST = 10_000
#: A server cannot refuse a connection that it has accepted, nor lose an answer: HTTP statuses stand in.
_STATUS = {"refuse": 503, "reset": 502}


@dataclass(slots=True)
class ComponentFault:
    """A component that fails.

    Attributes:
        component: its name in the DSL.
        message: what its log says.
        role: the role on which it fails; None for any.
        party_id: the party on which it fails; None for any.
        times: how many tasks still fail; None for all.
    """

    component: str
    message: str
    role: str | None = None
    party_id: str | None = None
    times: int | None = None

    def fits(self, component: str, party: Party) -> bool:
        """Return whether it concerns a component on a party."""
        return (
            component == self.component
            and self.role in (None, party.role)
            and self.party_id in (None, party.party_id)
        )


@dataclass(slots=True)
class RequestFault:
    """An answer that a request gets instead of its own.

    Attributes:
        path: pattern of the path below ``/v1/``, such as ``"job/*"``.
        status: HTTP status.
        retry_after: value of the header `Retry-After`, None for no such header.
        times: how many requests still get it; None for all.
    """

    path: str
    status: int
    retry_after: str | None
    times: int | None


F = TypeVar("F", ComponentFault, RequestFault)


class Faults:
    """The faults that were ordered and are not used up. Used under the server's lock.

    Attributes:
        components: faults of components, oldest first.
        requests: faults of requests, oldest first.
    """

    def __init__(self) -> None:
        self.components: list[ComponentFault] = []
        self.requests: list[RequestFault] = []

    def fail_component(
        self,
        component: str,
        message: str,
        *,
        role: str | None = None,
        party_id: int | str | None = None,
        times: int | None = None,
    ) -> None:
        """Let the next `times` tasks of a component fail; see `ComponentFault`.

        Raises:
            ValueError: a value is none that the fault can have; the text names it.
        """
        _require_text("component", component)
        _require_text("message", message)
        if role is not None and role not in ROLES:
            raise ValueError(f"role must be one of {', '.join(ROLES)}, got {role!r}")
        if party_id is not None and not (isinstance(party_id, str) or _is_whole(party_id)):
            raise ValueError(f"party_id must be a number or a text, got {party_id!r}")
        _require_times(times)
        party = None if party_id is None else str(party_id)
        if party is not None:
            _require_text("party_id", party)
        self._require_room()
        self.components.append(ComponentFault(component, message, role, party, times))

    def fail_requests(
        self,
        path: str = "*",
        status: int = 503,
        *,
        times: int | None = 1,
        retry_after: str | None = None,
    ) -> None:
        """Let the next `times` requests to `path` fail; see `RequestFault`.

        Raises:
            ValueError: a value is none that the fault can have; the text names it.
        """
        _require_text("path", path)
        if not _is_whole(status) or not 200 <= status <= 599:
            raise ValueError(f"status must be a number from 200 to 599, got {status!r}")
        if retry_after is not None and not (
            isinstance(retry_after, str)
            and len(retry_after) <= _LONGEST_HEADER
            and retry_after.isascii()
            and retry_after.isprintable()
        ):
            raise ValueError(f"retry_after must be a text that fits a header, got {retry_after!r}")
        _require_times(times)
        self._require_room()
        self.requests.append(RequestFault(path, status, retry_after, times))

    def _require_room(self) -> None:
        if len(self) >= _MOST:
            raise ValueError(f"{_MOST} faults are ordered already; use them up, or reset")

    def take_component(self, component: str, parties: Sequence[Party]) -> tuple[Party, str] | None:
        """Return the party on which a component fails now and the message, and count it; else None."""
        for fault in self.components:
            for party in parties:
                if fault.fits(component, party):
                    _count(fault, self.components)
                    return party, fault.message
        return None

    def take_request(self, path: str) -> RequestFault | None:
        """Return the fault that a request to `path` meets now, and count it; else None."""
        for fault in self.requests:
            if fnmatchcase(path, fault.path):
                _count(fault, self.requests)
                return fault
        return None

    def clear(self) -> None:
        """Forget them all."""
        self.components.clear()
        self.requests.clear()

    def to_document(self) -> dict[str, list[dict[str, Any]]]:
        """Return them all as JSON."""
        return {
            "components": [asdict(fault) for fault in self.components],
            "requests": [asdict(fault) for fault in self.requests],
        }

    def load(self, document: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Take those of a document in place of these."""
        self.components[:] = [ComponentFault(**fault) for fault in document["components"]]
        self.requests[:] = [RequestFault(**fault) for fault in document["requests"]]

    def __len__(self) -> int:
        return len(self.components) + len(self.requests)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _require_text(name: str, value: object) -> None:
    """Check that a value is a text that can be shown and stored."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError(f"{name} must be a text of at most {_LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that can be encoded, got {value!r}") from None


def _require_times(times: object) -> None:
    if times is not None and not (_is_whole(times) and times >= 1):  # type: ignore[operator]
        raise ValueError(f"times must be a number from 1 on, or none for all, got {times!r}")


def _count(fault: F, among: list[F]) -> None:
    """Count a hit; a fault that is used up is forgotten."""
    if fault.times is not None:
        fault.times -= 1
        if fault.times <= 0:
            among.remove(fault)


def apply_rules(app: Flask, rules: Rules, clock: Clock, prefix: str) -> None:
    """Let requests to `app` fail as the rules of a file say.

    A request that a rule refuses is answered with HTTP 503 and not carried out; one that a rule resets is
    carried out and answered with HTTP 502.

    Args:
        app: the application.
        rules: the rules; each sees the requests that it fits, in the order in which they come.
        clock: what delays pass on.
        prefix: what stands before every path of the API, without a slash at its end.
    """
    names = {
        path: operation.name
        for operation in OPERATIONS
        for path in dict.fromkeys((operation.path, *(one.path for one in operation.routes)))
    }

    def answer_early() -> Response | None:
        g.hits = []
        path = request.path.removeprefix(f"{prefix}/")
        if path == request.path:
            return None
        g.hits = rules.hitting(names.get(path, ""), path)
        for rule, chance in g.hits:
            if rule.fault == "delay":
                clock.sleep(rule.pause(chance))
            elif rule.fault in ("refuse", "answer"):
                return _answer(rule)
        return None

    def damage(response: Response) -> Response:
        for rule, chance in g.get("hits", ()):
            if rule.fault == "reset":
                return _answer(rule)
            if rule.fault in ("truncate", "corrupt"):
                response.direct_passthrough = False
                body = bytearray(response.get_data())
                rule.damage(body, chance)
                response.set_data(bytes(body))
        return response

    app.before_request(answer_early)
    app.after_request(damage)


def _answer(rule: Rule) -> Response:
    after = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    return Response("spoilt by a rule", _STATUS.get(rule.fault, rule.status), after)
