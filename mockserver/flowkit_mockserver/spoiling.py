"""Faults by rule in a server: the rule files of the plugin ``faults``, on this side of the wire.

A server cannot refuse a connection that it has accepted: ``refuse`` is answered with HTTP 503
before anything is carried out, ``reset`` with HTTP 502 after it was.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from flowkit import OPERATIONS, Clock, Operation
from flowkit_faults import Rule, Rules

__all__ = ["spoil"]

ANSWERED = {"refuse": 503, "reset": 502}


def spoil(app: Flask, rules: Rules, clock: Clock, prefix: str) -> None:
    """Let requests to `app` fare as `rules` say.

    Args:
        app: the application.
        rules: the rules; each sees the requests that it fits, in the order in which they come.
        clock: what delays pass on.
        prefix: what stands before every path of the API, without a slash at its end.
    """
    names = {path: operation.name for operation in OPERATIONS for path in _paths(operation)}

    def before() -> Response | None:
        g.spoiling = []
        path = request.path.removeprefix(f"{prefix}/")
        if path == request.path:
            return None
        g.spoiling = rules.hitting(names.get(path, ""), path)
        for rule, chance in g.spoiling:
            if rule.fault == "delay":
                clock.sleep(rule.pause(chance))
            elif rule.fault in ("refuse", "answer"):
                return _answer(rule)
        return None

    def after(response: Response) -> Response:
        for rule, chance in g.get("spoiling", ()):
            if rule.fault == "reset":
                return _answer(rule)
            if rule.fault in ("truncate", "corrupt"):
                response.direct_passthrough = False
                body = bytearray(response.get_data())
                rule.damage(body, chance)
                response.set_data(bytes(body))
        return response

    app.before_request(before)
    app.after_request(after)


def _paths(operation: Operation) -> list[str]:
    later = [operation.later[1]] if operation.later else []
    return [operation.path, *later]


def _answer(rule: Rule) -> Response:
    after = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    return Response("spoilt by a rule", ANSWERED.get(rule.fault, rule.status), after)
