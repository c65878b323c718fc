"""Matching: what makes two requests the same, whatever library, day or machine they come from.

Two requests match when method, path, query and body agree in their *canonical* form: JSON without
regard to the order of keys, a multipart body by its parts and without its boundary, files by digest,
local paths by their last name, and nothing at all of the headers. Scheme, host and port are compared
where they are named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from flowkit import ArgumentError
from flowkit_replay.matching.multipart import find_boundary, parse_parts
from flowkit_replay.matching.requests import ComparedRequest

__all__ = ["DEFAULT", "IGNORED", "MATCHERS", "Key", "OwnMatcher", "RequestMatcher", "make_matcher"]

Key = tuple[Any, ...]
OwnMatcher = Callable[[ComparedRequest], Any]

DEFAULT = ("method", "path", "query", "body")
# Settings of the caller's machine, which the official SDK sends along without effect on the answer.
IGNORED = frozenset(
    {
        "conf_path",
        "dsl_path",
        "from_database",
        "kwargs",
        "local",
        "output_path",
        "to_database",
        "verbose",
    }
)
LOCAL_FILES = frozenset({"file"})
NESTED = "job_runtime_conf"
# A field whose value is JSON text: how it is laid out does not matter.
JSON_TEXT = "train_dsl"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class RequestMatcher:
    """What is compared of two requests, and how they are brought into canonical form.

    Attributes:
        ignored: names of JSON and form fields that never matter.
        matchers: what is compared, by name, in order; the names of `MATCHERS` or of `own`.
        own: further matchers: functions of a request that return something hashable.
    """

    ignored: frozenset[str] = IGNORED
    matchers: tuple[str, ...] = DEFAULT
    own: Mapping[str, OwnMatcher] = field(default_factory=dict)

    def get_key(self, request: ComparedRequest) -> Key:
        """Return what must be equal for two requests to match."""
        return tuple(
            self.own[name](request) if name in self.own else MATCHERS[name](self, request)
            for name in self.matchers
        )

    def drop_ignored(self, value: Any, depth: int = 0) -> Any:
        """Return JSON without the fields that never matter."""
        if not isinstance(value, dict):
            return value
        kept: dict[str, Any] = {}
        for name, item in value.items():
            if name in self.ignored:
                continue
            if name in LOCAL_FILES and isinstance(item, str):
                kept[name] = item.replace("\\", "/").rpartition("/")[2]
            elif name == "drop" and item in (0, 2):
                kept[name] = 0
            elif name == JSON_TEXT and isinstance(item, str):
                kept[name] = _parse_json(item)
            elif name == NESTED and depth == 0:
                kept[name] = self.drop_ignored(item, 1)
            else:
                kept[name] = item
        return kept


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def canonical_json(value: Any) -> str:
    """Return JSON text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _get_query(matcher: RequestMatcher, request: ComparedRequest) -> str:
    """Uploads carry JSON as the whole query; everything else carries fields."""
    if not request.query:
        return ""
    text = unquote(request.query)
    if text.startswith("{"):
        try:
            return canonical_json(matcher.drop_ignored(json.loads(text)))
        except (ValueError, RecursionError):
            return text
    return _sort_fields(matcher, request.query)


def _get_body(matcher: RequestMatcher, request: ComparedRequest) -> str:
    """Return the canonical body as text; of one that is no JSON and no form, its digest."""
    boundary = find_boundary(request.content_type)
    if boundary is not None and (form := _read_parts(matcher, request.read_pieces(), boundary)):
        return canonical_json(form)
    if request.streamed:
        digest = hashlib.sha256()
        for piece in request.read_pieces():
            digest.update(piece)
        return digest.hexdigest()
    body = request.body
    if not body:
        return ""
    try:
        return canonical_json(matcher.drop_ignored(json.loads(body)))
    except (ValueError, RecursionError):
        pass
    if request.content_type.lower().startswith(FORM):
        return _sort_fields(matcher, body.decode("utf-8", "replace"))
    return hashlib.sha256(body).hexdigest()


def _sort_fields(matcher: RequestMatcher, text: str) -> str:
    pairs = parse_qsl(text, keep_blank_values=True)
    return canonical_json(sorted((k, v) for k, v in pairs if k not in matcher.ignored))


def _read_parts(
    matcher: RequestMatcher, pieces: Iterable[bytes], boundary: bytes
) -> list[list[str]]:
    """Return the parts of a form: name, file name, and the text or the file's digest."""
    # The official SDK repeats the file's path as a field; the file itself is what counts.
    unimportant = matcher.ignored | LOCAL_FILES
    return sorted(
        [name, filename, content]
        for name, filename, content in parse_parts(pieces, boundary)
        if filename or name not in unimportant
    )


MATCHERS: dict[str, Callable[[RequestMatcher, ComparedRequest], Any]] = {
    "scheme": lambda _, request: request.scheme,
    "host": lambda _, request: request.host,
    "port": lambda _, request: request.port,
    "method": lambda _, request: request.method.upper(),
    "path": lambda _, request: unquote(request.path),
    "query": _get_query,
    "body": _get_body,
}


def make_matcher(
    match_on: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    own: Mapping[str, OwnMatcher] | None = None,
) -> RequestMatcher:
    """Return what compares requests as a caller has chosen.

    Args:
        match_on: names of `MATCHERS` or of `own`; None compares method, path, query and body.
        ignore: further fields that never matter.
        own: further matchers by name.

    Raises:
        ArgumentError: a name is no matcher's.
    """
    chosen = DEFAULT if match_on is None else tuple(match_on)
    own = dict(own or {})
    for name in chosen:
        if name not in MATCHERS and name not in own:
            known = ", ".join([*MATCHERS, *own])
            raise ArgumentError(
                f"match_on names {name!r}, which is not a matcher; there are: {known}",
                argument="match_on",
                value=name,
            )
    return RequestMatcher(IGNORED | frozenset(ignore), chosen, own)
