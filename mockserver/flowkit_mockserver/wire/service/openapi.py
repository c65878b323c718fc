"""/openapi.json: the API of FATE Flow as an OpenAPI 3.1 document, for the line of the server.

Paths are those of the application itself, the names and meanings those of `flowkit.operations`, the fields of requests
and answers those of ``messages.json``, which holds what clients send and recorded servers answer, and what a line
checks before all else those of its routes. What none of these knows is left open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Flask, Response, current_app
from werkzeug.routing import Rule

from flowkit import OPERATIONS, Operation, __version__
from flowkit.servers import find_line
from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.routes import Route, find_route
from flowkit_mockserver.http.access import API
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["describe", "openapi"]

_PARAMETER = re.compile(r"<(?:[^:>]*:)?([^>]*)>")
_JSON = "application/json"
_ARCHIVES = {"tar.gz": "application/x-tar", "zip": "application/zip"}
_UPLOAD = "multipart/form-data"

Document = dict[str, Any]


def openapi() -> Response:
    """Describe the API (GET /openapi.json)."""
    text = json.dumps(describe(current_app, current_state().dialect))
    return Response(text, content_type=_JSON)


def describe(app: Flask, dialect: Dialect) -> Document:
    """Return the document.

    Args:
        app: the application, whose routes are described.
        dialect: the dialect of the server.
    """
    paths: dict[str, Document] = {}
    for method, path, rule, operation in _places(app, dialect):
        template = _PARAMETER.sub(r"{\1}", path)
        place = paths.setdefault(f"{API}{template}", {})
        place[method.lower()] = _describe(method, path, rule, operation, dialect)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"FATE Flow {dialect.fate_version}, as flowkit's mock server answers",
            "version": __version__,
            "summary": "The HTTP API of FATE Flow 1.x.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({one.group for one in OPERATIONS})],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": _SCHEMAS},
    }


def _places(app: Flask, dialect: Dialect) -> Iterator[tuple[str, str, str, Operation | None]]:
    """Yield method, path below ``/v1``, rule and operation of all that is served; operations come first."""
    adapter = app.url_map.bind("localhost")
    line, done = dialect.line, set()
    for operation in OPERATIONS:
        if operation.is_on(line):
            _, method, path = operation.route_on(line)
            path = _PARAMETER.sub("x", f"/{path}")
            if adapter.test(f"{API}{path}", method):
                rule, _ = adapter.match(f"{API}{path}", method, return_rule=True)
                below = rule.rule.removeprefix(API)
                here = below if _is_same(below, path, operation) else path
                if (method, here) not in done:
                    done.add((method, here))
                    yield method, here, below, operation
    for rule in app.url_map.iter_rules():
        for method in _methods(rule):
            below = rule.rule.removeprefix(API)
            if (method, below) not in done:
                done.add((method, below))
                yield method, below, below, None


def _is_same(rule: str, path: str, operation: Operation) -> bool:
    """Return whether an operation is all that its rule stands for, not one of several."""
    return rule == path or "<" in operation.path


def _methods(rule: Rule) -> list[str]:
    if not rule.rule.startswith(f"{API}/"):
        return []
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def _describe(
    method: str, path: str, rule: str, operation: Operation | None, dialect: Dialect
) -> Document:
    """Return what is known of one method of one path."""
    messages = _messages()
    key = f"{method} {path}"
    route = find_route(method, rule)
    known = [*messages["requests"].get(key, ())]
    needed = [*route.needs] if _checks(route, dialect) else []
    fields = {name: messages["fields"].get(name, {}) for name in dict.fromkeys((*known, *needed))}
    found: Document = {
        "operationId": operation.name if operation else f"{method.lower()}{_identifier(path)}",
        "summary": operation.summary if operation else f"{method} {path}",
        "tags": [operation.group] if operation else [],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(path)
        ],
        "responses": _responses(key, operation),
    }
    if operation is not None and operation.sends == "multipart":
        schema = {"type": "object", "properties": {"file": messages["fields"]["file"]}}
        found["requestBody"] = {"content": {_UPLOAD: {"schema": schema}}}
    elif operation is None or operation.sends == "json":
        schema = {"type": "object", "properties": fields}
        if needed:
            schema["required"] = needed
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    return found


def _checks(route: Route, dialect: Dialect) -> bool:
    """Return whether a line looks for the arguments of a route before all else."""
    checked = find_line(route.checked)
    return dialect.own_project and (checked is None or dialect.line >= checked)


def _responses(key: str, operation: Operation | None) -> Document:
    kind = _messages()["answers"].get(key)
    envelope: Document = {"$ref": "#/components/schemas/Envelope"}
    if kind is not None:
        # A refusal is an envelope as well, and has other data or none.
        data = {"properties": {"retcode": {"const": 0}, "data": {"type": kind}}}
        other = {"properties": {"retcode": {"not": {"const": 0}}}}
        envelope = {"allOf": [envelope, {"anyOf": [data, other]}]}
    content: Document = {_JSON: {"schema": envelope}}
    if operation is not None and operation.answers != "json":
        content[_ARCHIVES[operation.answers]] = {"schema": {}}
    refusal = {_JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    page = {"text/html": {"schema": {"type": "string"}}}
    return {
        "200": {
            "description": "What was asked for, or, with a retcode that is not 0, why not.",
            "content": content,
        },
        **{
            status: {"description": text, "content": refusal}
            for status, text in _messages()["statuses"].get(key, {}).items()
        },
        "default": {
            "description": "The request is refused with this status, which is the retcode too.",
            "content": refusal | page,
        },
    }


def _identifier(path: str) -> str:
    return "".join(part.title() for part in re.findall(r"\w+", path))


@cache
def _messages() -> Document:
    text = files(__package__).joinpath("messages.json").read_text("utf-8")
    found: Document = json.loads(text)
    return found


_SCHEMAS: Document = {
    "Envelope": {
        "type": "object",
        "required": ["retcode", "retmsg"],
        "properties": {
            "retcode": {
                "type": ["integer", "string"],
                "description": "0 for success; tag.create of the first lines puts its text there",
            },
            "retmsg": {"type": "string"},
            "data": {"description": "what was asked for"},
            "jobId": {"type": "string"},
            "meta": {"type": ["array", "object"]},
        },
    },
    "Refusal": {
        "type": "object",
        "required": ["retcode", "retmsg"],
        "properties": {"retcode": {"type": "integer"}, "retmsg": {"type": "string"}},
    },
}
