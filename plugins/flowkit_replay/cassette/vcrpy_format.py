"""vcrpy's cassette format, version 1: from YAML to interactions and back.

vcrpy's own serializer reads and writes the YAML, so that either side replays what the other
recorded. What vcrpy lays out in another way around some libraries, or did in older versions, is
read as well, and written again as it was:

* around aiohttp, the ``json=`` of a request is a YAML mapping or list in place of a text;
* around httpx, vcrpy up to 5 has ``content`` and ``status_code`` in place of ``body`` and
  ``status``;
* around boto, headers and bodies are binary, and bodies may be file objects;
* beside ``interactions`` and ``version`` stand further keys, such as ``metadata``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowkit.errors import shown
from flowkit_replay.cassette.interactions import BODY, Interaction, Layout

__all__ = [
    "ENTRY",
    "HEAD",
    "TAIL",
    "Document",
    "dump_entries",
    "dump_extra",
    "load_document",
    "load_entry",
    "load_request",
    "load_serializer",
]

VERSION = 1
# A cassette's first line, what each of its entries starts with, and its last line.
HEAD = b"interactions:\n"
ENTRY = b"- request:"
TAIL = f"version: {VERSION}\n".encode()
REQUEST_KEYS = frozenset({"body", "headers", "method", "uri"})
RESPONSE_KEYS = frozenset({"body", "headers", "status"})
FLAT_KEYS = frozenset({"content", "headers", "status_code"})
ENTRY_KEYS = frozenset({"request", "response"})


@dataclass(slots=True)
class Document:
    """A cassette's text, parsed.

    Attributes:
        interactions: what was recorded, in order.
        extra: the top-level keys beside ``interactions`` and ``version``.
        complete: False when the version, which vcrpy writes last, is missing.
    """

    interactions: list[Interaction]
    extra: dict[str, Any] = field(default_factory=dict)
    complete: bool = True


def load_serializer() -> Any:
    """Import and return vcrpy's serializer, which takes a fifth of a second the first time."""
    from vcr.serializers import yamlserializer

    return yamlserializer


def load_document(text: str) -> Document:
    """Parse a cassette's text.

    Raises:
        ValueError: it is not a cassette of this format; the text says why.
    """
    loaded = _load(text)
    if not isinstance(loaded, dict) or "interactions" not in loaded:
        raise ValueError("there is no key 'interactions' at its top")
    version = loaded.get("version", VERSION)
    if version != VERSION:
        raise ValueError(f"its version is {shown(version)}, and only {VERSION} is known")
    entries = loaded["interactions"]
    if entries is not None and not isinstance(entries, list):
        raise ValueError(f"'interactions' is not a list but of type {_kind(entries)}")
    return Document(
        [_read_entry(entry, number) for number, entry in enumerate(entries or (), 1)],
        {k: v for k, v in loaded.items() if k not in ("interactions", "version")},
        "version" in loaded,
    )


def load_entry(text: str) -> Interaction:
    """Parse the text of one entry of ``interactions``.

    Raises:
        ValueError: it is not one entry.
    """
    return _read_entry(_load_one(text), None)


def load_request(text: str) -> Interaction:
    """Parse the text of one entry that ends before its response.

    Returns:
        The request, with an outcome that says nothing.

    Raises:
        ValueError: it is not one entry.
    """
    entry = _load_one(text)
    return _read_entry({**entry, "response": {}} if isinstance(entry, dict) else entry, None)


def dump_entries(interactions: Iterable[Interaction]) -> str:
    """Return interactions as they stand in a cassette, between its head and its tail."""
    entries = [_write_entry(one) for one in interactions]
    if not entries:
        return ""
    text: str = load_serializer().serialize({"interactions": entries, "version": VERSION})
    return text.removeprefix(HEAD.decode()).removesuffix(TAIL.decode())


def dump_extra(extra: Mapping[str, Any]) -> str:
    """Return further top-level keys as they stand in a cassette, before its version."""
    if not extra:
        return ""
    text: str = load_serializer().serialize(dict(extra))
    return text


def _load(text: str) -> Any:
    from yaml import YAMLError

    try:
        return load_serializer().deserialize(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise ValueError(f"{problem}{place}") from error
    except (TypeError, AttributeError, RecursionError) as error:  # a tag on a value of another kind
        raise ValueError(str(error) or type(error).__name__) from error


def _load_one(text: str) -> Any:
    entries = _load(text)
    if not isinstance(entries, list) or len(entries) != 1:
        raise ValueError("it is not one entry of a list")
    return entries[0]


def _read_entry(entry: Any, number: int | None) -> Interaction:
    where = f"interaction {number}" if number else "it"
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is not a mapping but of type {_kind(entry)}")
    request: Any = entry.get("request")
    response: Any = entry.get("response")
    for name, part in (("request", request), ("response", response)):
        if not isinstance(part, dict):
            raise ValueError(f"{where} has no {name}")
    if not request.get("method") or not request.get("uri"):
        raise ValueError(f"{where} has a request without method or uri")
    try:
        return _read_interaction(entry, request, response)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{where} cannot be read: {error}") from error


def _read_interaction(
    entry: dict[str, Any], request: dict[str, Any], response: dict[str, Any]
) -> Interaction:
    flat = "status_code" in response or "content" in response
    if flat:
        status, message = response.get("status_code"), ""
        body = response.get("content")
    else:
        line = _mapping("status of its response", response.get("status"))
        status, message = line.get("code"), str(line.get("message") or "")
        held = response.get("body")
        body = held.get("string", _from_base64(held)) if isinstance(held, dict) else held
    sent = request.get("body")
    sent_headers = _mapping("headers of its request", request.get("headers"))
    headers = _mapping("headers of its response", response.get("headers"))
    known = FLAT_KEYS if flat else RESPONSE_KEYS
    layout = None
    if flat or _is_structured(sent) or _has_more(request, response, entry, known):
        layout = Layout(
            _is_structured(sent),
            flat,
            {k: v for k, v in request.items() if k not in REQUEST_KEYS},
            {k: v for k, v in response.items() if k not in known},
            {k: v for k, v in entry.items() if k not in ENTRY_KEYS},
        )
    return Interaction(
        str(request["method"]),
        _to_text(request["uri"]),
        {str(k): _join(str(k), v) for k, v in sent_headers.items()},
        _to_bytes(sent),
        int(status or 200),
        message,
        {str(k): _all(v) for k, v in headers.items()},
        _to_bytes(body),
        layout=layout,
    )


def _mapping(what: str, value: Any) -> dict[Any, Any]:
    if value and not isinstance(value, dict):
        raise ValueError(f"{what}: not a mapping but of type {_kind(value)}")
    return value or {}


def _has_more(
    request: dict[str, Any], response: dict[str, Any], entry: dict[str, Any], known: frozenset[str]
) -> bool:
    return not (
        request.keys() <= REQUEST_KEYS and response.keys() <= known and entry.keys() <= ENTRY_KEYS
    )


def _write_entry(one: Interaction) -> dict[str, Any]:
    layout = one.layout or Layout()
    request_headers = {name: [value] for name, value in one.request_headers.items()}
    if one.request_body_file:
        request_headers[BODY] = [one.request_body_file.name]
    headers = {**one.headers, BODY: [one.body_file.name]} if one.body_file else one.headers
    body: Any = _readable(one.request_body) if one.request_body else None
    if layout.structured_body:
        body = json.loads(one.request_body)
    request = {
        **layout.request,
        "method": one.method,
        "uri": one.uri,
        "body": body,
        "headers": request_headers,
    }
    response: dict[str, Any] = {**layout.response, "headers": headers}
    if layout.flat_response:
        response |= {"content": _readable(one.body), "status_code": one.status}
    else:
        response |= {
            "status": {"code": one.status, "message": one.message},
            "body": {"string": _readable(one.body)},
        }
    return {**layout.interaction, "request": request, "response": response}


def _readable(body: bytes) -> str | bytes:
    """Return a body as the text that it is; YAML writes bytes in base64."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _is_structured(body: Any) -> bool:
    """True for what stands for JSON: a mapping, number or list, unless it is a list of chunks."""
    if isinstance(body, list | tuple):
        return not body or not all(isinstance(piece, bytes) for piece in body)
    return isinstance(body, dict | int | float)


def _to_bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if _is_structured(value):
        return json.dumps(value, default=str).encode()
    if hasattr(value, "read"):
        return _to_bytes(value.read())
    if isinstance(value, Iterator | list | tuple):
        return b"".join(_to_bytes(piece) for piece in value)
    raise ValueError(f"a body cannot be of type {_kind(value)}")


def _from_base64(body: Mapping[str, Any]) -> bytes | None:
    coded = body.get("base64_string")
    return None if coded is None else base64.b64decode(coded)


def _join(name: str, value: Any) -> str:
    """Return a request header's values as one: HTTP means the same by either."""
    return ("; " if name.lower() == "cookie" else ", ").join(_all(value))


def _all(value: Any) -> list[str]:
    if isinstance(value, list | tuple | set):
        return [_to_text(item) for item in value]
    return [] if value is None else [_to_text(value)]


def _to_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _kind(value: Any) -> str:
    return type(value).__name__
