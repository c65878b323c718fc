"""What the rules of faults do to requests and to their answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from flask import Response

from flowkit import OPERATIONS, Clock
from flowkit_mockserver.http.access import FROM_BOARD

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from flowkit_fault_rules import Rule, Rules

__all__ = ["answer_by_rule", "damage_answer"]

#: A server cannot refuse a connection that it has accepted, nor lose an answer: HTTP statuses stand in.
_API = "/v1/"
#: Where the environment of a request has the rules that hit it.
_HITS = "flowkit.hits"
_STATUS = {"refuse": 503, "reset": 502}


@cache
def _names() -> dict[str, str]:
    """Return the names of operations by their paths."""
    found: dict[str, str] = {}
    for operation in OPERATIONS:
        for route in operation.every_route:
            found.setdefault(route.path, operation.name)
    return found


def answer_by_rule(
    all_rules: Sequence[Rules],
    clock: Clock,
    environ: WSGIEnvironment,
    counting: AbstractContextManager[object],
) -> Response | None:
    """Return the answer that a rule gives in place of the server's, or None; delays pass before.

    A request that a rule refuses is answered with HTTP 503 and not carried out; one that a rule resets is
    carried out and answered with HTTP 502.

    Args:
        all_rules: the rules that are in force.
        clock: what delays pass on.
        environ: the request; what is left to do with its answer is noted in it, for `damage_answer`.
        counting: held while rules count the request.

    Raises:
        Interrupted: a database that others share the rules by cannot be used.
    """
    path = environ["PATH_INFO"].removeprefix(_API)
    if path == environ["PATH_INFO"] or environ.get(FROM_BOARD):
        return None
    operation = _names().get(path, "")
    if not any(rules.concerns(operation, path) for rules in all_rules):
        return None
    with counting:
        hits = [hit for rules in all_rules for hit in rules.hitting(operation, path)]
    environ[_HITS] = hits
    for rule, chance in hits:
        if rule.fault == "delay":
            clock.sleep(rule.pause(chance))
        elif rule.fault in ("refuse", "answer"):
            return _answer(rule)
    return None


def damage_answer(response: Response, environ: WSGIEnvironment) -> Response:
    """Return what the rules leave of an answer."""
    for rule, chance in environ.get(_HITS, ()):
        if rule.fault == "reset":
            return _answer(rule)
        if rule.fault in ("truncate", "corrupt"):
            response.direct_passthrough = False
            body = bytearray(response.get_data())
            rule.damage(body, chance)
            response.set_data(bytes(body))
    return response


def _answer(rule: Rule) -> Response:
    after = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    return Response("spoilt by a rule", _STATUS.get(rule.fault, rule.status), after)
