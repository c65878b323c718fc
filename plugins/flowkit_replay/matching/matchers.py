"""Matching: what makes two requests the same, whatever library, day or machine they come from.

Two requests match when method, path, query and body agree in their *canonical* form: JSON without
regard to the order of keys, a multipart body by its parts and without its boundary, files by digest,
local paths by their last name, and nothing at all of the headers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from flowkit_replay.matching.multipart import boundary_of, parts

__all__ = ["IGNORED", "MATCHERS", "Asked", "Canon", "Key", "difference"]

Key = tuple[Any, ...]

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


class Asked(Protocol):
    """What a matcher sees of a request, recorded or live.

    Attributes:
        method: HTTP method.
        path: path, as sent.
        query: query without ``?``, as sent.
        content_type: the request's ``Content-Type``; empty without one.
    """

    method: str
    path: str
    query: str
    content_type: str

    @property
    def body(self) -> bytes:
        """The whole body."""

    @property
    def streamed(self) -> bool:
        """True for a body that is too long to be had whole without need."""

    def pieces(self) -> Iterable[bytes]:
        """Return the body in pieces, from the beginning."""


@dataclass(frozen=True, slots=True)
class Canon:
    """How requests are brought into canonical form.

    Attributes:
        ignored: names of JSON and form fields that never matter.
        matchers: what is compared, by name, in order; the names of `MATCHERS` or of `own`.
        own: further matchers: functions of a request that return something hashable.
    """

    ignored: frozenset[str] = IGNORED
    matchers: tuple[str, ...] = ("method", "path", "query", "body")
    own: Mapping[str, Callable[[Asked], Any]] = field(default_factory=dict)

    def key(self, asked: Asked) -> Key:
        """Return what must be equal for two requests to match."""
        return tuple(
            self.own[name](asked) if name in self.own else MATCHERS[name](self, asked)
            for name in self.matchers
        )

    def clean(self, value: Any, depth: int = 0) -> Any:
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
                kept[name] = _json_text(item)
            elif name == NESTED and depth == 0:
                kept[name] = self.clean(item, 1)
            else:
                kept[name] = item
        return kept


def _json_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def canonical_json(value: Any) -> str:
    """Return JSON text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _query(canon: Canon, asked: Asked) -> str:
    """Uploads carry JSON as the whole query; everything else carries fields."""
    if not asked.query:
        return ""
    text = unquote(asked.query)
    if text.startswith("{"):
        try:
            return canonical_json(canon.clean(json.loads(text)))
        except (ValueError, RecursionError):
            return text
    return _fields(canon, asked.query)


def _body(canon: Canon, asked: Asked) -> str:
    """Return the canonical body as text."""
    boundary = boundary_of(asked.content_type)
    if boundary is not None and (form := _parts(canon, asked.pieces(), boundary)):
        return canonical_json(form)
    if asked.streamed:
        digest = hashlib.sha256()
        for piece in asked.pieces():
            digest.update(piece)
        return digest.hexdigest()
    body = asked.body
    if not body:
        return ""
    try:
        return canonical_json(canon.clean(json.loads(body)))
    except (ValueError, RecursionError):
        pass
    if asked.content_type.lower().startswith(FORM):
        return _fields(canon, body.decode("utf-8", "replace"))
    return hashlib.sha256(body).hexdigest()


def _fields(canon: Canon, text: str) -> str:
    pairs = parse_qsl(text, keep_blank_values=True)
    return canonical_json(sorted((k, v) for k, v in pairs if k not in canon.ignored))


def _parts(canon: Canon, pieces: Iterable[bytes], boundary: bytes) -> list[list[str]]:
    """Return the parts of a form: name, file name, and the text or the file's digest."""
    # The official SDK repeats the file's path as a field; the file itself is what counts.
    unimportant = canon.ignored | LOCAL_FILES
    return sorted(
        [name, filename, content]
        for name, filename, content in parts(pieces, boundary)
        if filename or name not in unimportant
    )


MATCHERS: dict[str, Callable[[Canon, Asked], Any]] = {
    "method": lambda canon, asked: asked.method.upper(),
    "path": lambda canon, asked: unquote(asked.path),
    "query": _query,
    "body": _body,
}


def difference(recorded: Any, live: Any, where: str = "") -> str | None:
    """Return the first place where two JSON values part, in words; None when they are equal."""
    if isinstance(recorded, dict) and isinstance(live, dict):
        for name in sorted(recorded.keys() | live.keys()):
            path = f"{where}.{name}" if where else name
            if name not in live:
                return f"{path}: recorded {_short(recorded[name])}, not sent now"
            if name not in recorded:
                return f"{path}: {_short(live[name])} now, not recorded"
            if found := difference(recorded[name], live[name], path):
                return found
        return None
    if isinstance(recorded, list) and isinstance(live, list):
        if len(recorded) != len(live):
            return f"{where or 'list'}: {len(recorded)} items recorded, {len(live)} now"
        pairs = enumerate(zip(recorded, live, strict=True))
        return next((d for i, (a, b) in pairs if (d := difference(a, b, f"{where}[{i}]"))), None)
    if recorded == live and type(recorded) is type(live):
        return None
    return f"{where or 'value'}: recorded {_short(recorded)}, now {_short(live)}"


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "…"
