"""The control API as an OpenAPI 3.1 document, made from the table of verbs that checks requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from flowkit import __version__
from flowkit_mockserver.control.access import TOKEN
from flowkit_mockserver.control.events import Change, Happening
from flowkit_mockserver.control.fields import Field, Schema
from flowkit_mockserver.control.journal.entries import Entry
from flowkit_mockserver.control.snapshots.differences import Item
from flowkit_mockserver.control.snapshots.snapshot import FORMAT, VERSION
from flowkit_mockserver.control.verbs import SNAPSHOT, VERBS, Verb
from flowkit_mockserver.http.access import CONTROL

__all__ = ["describe"]

Document = dict[str, Any]

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
#: What `data` holds, by verb, where it is more than a plain value.
_ANSWERS: Mapping[str, Document] = {
    "requests": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
    "assert_called": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
    "advance_to_next_event": {
        "oneOf": [{"$ref": "#/components/schemas/Happening"}, {"type": "null"}]
    },
    "diff": {"$ref": "#/components/schemas/Difference"},
}
_REFUSALS = {
    "400": "The request holds what it must not, or lacks what it must hold; nothing has changed.",
    "401": "The token is missing or wrong.",
    "403": "The request is from elsewhere, or from a page of another site.",
    "409": "More or fewer requests match than there must be; the text shows them.",
    "413": "The body is too large.",
    "429": "There are as many namespaces as there may be.",
    "507": "What changed cannot be written; it is undone.",
}


def describe() -> Document:
    """Return the document."""
    paths: Document = {}
    for verb in VERBS:
        paths.setdefault(CONTROL + verb.path, {})[verb.method.lower()] = _operation(verb)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control API of a flowkit mock server",
            "version": __version__,
            "summary": "What a test can do with a mock server, or with one of its namespaces.",
            "description": (
                "Each request is also a method of flowkit_mockserver.MockServer. The header X-Flowkit-Namespace, or"
                f" the path {CONTROL}/namespaces/NAME before that of a request, says which namespace it is for."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        # This machine needs no token.
        "security": [{}, {"token": []}, {"bearer": []}],
        "components": {
            "schemas": _schemas(),
            "responses": {status: _refusal(text) for status, text in _REFUSALS.items()},
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": TOKEN},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(verb: Verb) -> Document:
    inside = [field for field in verb.fields if f"{{{field.name}}}" in verb.path]
    rest = [field for field in verb.fields if field not in inside]
    operation: Document = {"operationId": verb.name, "summary": verb.summary}
    parameters = [_parameter(field, "path") for field in inside]
    if verb.method == "POST":
        operation["requestBody"] = {"required": True, "content": _json(_object(rest))}
    elif verb.method == "PUT":
        operation["requestBody"] = {"required": True, "content": _json(_schema(SNAPSHOT))}
    else:
        parameters += [_parameter(field, "query") for field in rest]
    if parameters:
        operation["parameters"] = parameters
    data = _ANSWERS.get(verb.name) or _schema(verb.answer)
    answer = data if verb.answer is SNAPSHOT else _envelope(data)
    refusals = [status for status in _REFUSALS if status != "409" or verb.name == "assert_called"]
    operation["responses"] = {
        "200": {"description": "It is done.", "content": _json(answer)},
        **{status: {"$ref": f"#/components/responses/{status}"} for status in refusals},
    }
    return operation


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _schema(schema: Schema) -> Document:
    return {"$ref": "#/components/schemas/Snapshot"} if schema is SNAPSHOT else dict(schema)


def _object(given: list[Field]) -> Document:
    """Return what the body of a request may be."""
    properties = {
        field.name: {**_schema(field.schema), "description": field.meaning} for field in given
    }
    required = [field.name for field in given if field.required]
    found: Document = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _parameter(field: Field, place: str) -> Document:
    return {
        "name": field.name,
        "in": place,
        "required": field.required,
        "description": field.meaning,
        "schema": dict(field.schema),
    }


def _envelope(data: Document) -> Document:
    return {
        "type": "object",
        "properties": {"retcode": {"const": 0}, "retmsg": {"const": "success"}, "data": data},
        "required": ["retcode", "retmsg"],
    }


def _refusal(text: str) -> Document:
    schema = {
        "type": "object",
        "properties": {"retcode": {"type": "integer"}, "retmsg": {"type": "string"}},
        "required": ["retcode", "retmsg"],
    }
    return {"description": text, "content": _json(schema)}


def _schemas() -> Document:
    happening = _of_class(Happening)
    happening["properties"]["changes"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Change"},
    }
    return {
        "Entry": _of_class(Entry),
        "Change": _of_class(Change),
        "Happening": happening,
        "Item": _of_class(Item),
        "Difference": {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                "text": {"type": "string"},
            },
            "required": ["items", "text"],
        },
        "Snapshot": {
            "type": "object",
            "description": "The file of a snapshot.",
            "properties": {
                "format": {"const": FORMAT},
                "version": {"type": "integer", "maximum": VERSION},
                "checksum": {"type": "string"},
            },
            "required": ["format", "version", "checksum"],
        },
    }


def _of_class(kind: type) -> Document:
    """Return the schema of a dataclass."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    properties = {name: _of_type(hints[name]) for name in names}
    return {"type": "object", "properties": properties, "required": names}


def _of_type(hint: Any) -> Document:
    if isinstance(hint, UnionType):
        return {"type": [_SIMPLE[one] for one in get_args(hint)]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of_type(get_args(hint)[0])}
    return {"type": _SIMPLE[hint]} if hint in _SIMPLE else {"type": "object"}
