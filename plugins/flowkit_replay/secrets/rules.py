"""The scrubbing rules: what a credential looks like, by the name it bears or by its own shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote, unquote_plus

__all__ = [
    "GONE",
    "RULES",
    "Found",
    "Rule",
    "named_like_a_secret",
    "suspicions",
    "suspicious",
]

GONE = "<scrubbed>"

Found = list[str]
Rule = Callable[[str, Found], str]

# Words that tell a credential wherever they end a name, and those that do it only as a whole word.
_ENDS = (
    r"password|passwd|passphrase|secret|secret[_-]?key|token|app[_-]?key|api[_-]?key"
    r"|access[_-]?key|access[_-]?key[_-]?id|private[_-]?key"
)
_WORDS = r"pwd|bearer|auth|credentials?|signature|authorization|cookie|set-cookie"
_NAME = (
    rf"(?:[\w.-]*(?:{_ENDS})|(?:[\w.-]*[_.-])?(?:{_WORDS}))"
    r"(?:[_-]?(?:\d+|confirm(?:ation)?|hash))?"
)
NAMED = re.compile(_NAME, re.IGNORECASE)
DECODER = json.JSONDecoder()
FIELD = re.compile(rf'(?<!\\)"{_NAME}"\s*:\s*(?=["\d\-\[{{])', re.IGNORECASE)
# What is no JSON but looks alike: the repr of a Python mapping, and JSON that was cut off.
LOOSE_FIELD = re.compile(
    rf"""(?<!\\)(?P<head>(?P<quote>["']){_NAME}(?P=quote)\s*:\s*(?P<mark>["']))"""
    r"""(?P<value>(?:\\.|(?!(?P=mark))[^\\])*)""",
    re.IGNORECASE | re.DOTALL,
)
# JSON within a JSON text that is no whole JSON itself: the same quotes, escaped as often.
NESTED_FIELD = re.compile(
    rf"""(?P<head>(?P<quote>(?<!\\)\\+["']){_NAME}(?P=quote)\s*:\s*)"""
    r"""(?:(?P=quote)(?P<value>.*?)(?<!\\)(?P=quote)|(?P<number>-?\d[\d.eE+-]*))""",
    re.IGNORECASE | re.DOTALL,
)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
PAIR = re.compile(r"(?P<name>[^=&;]*)=(?P<value>[^&;]*)")
FORM = re.compile(rf"[\w.%+\[\]-]+=(?:{GONE}|[^\s{{<\"'])*")
SAID = re.compile(
    rf"""(?P<head>(?:^|[\s?&;,([{{<"'`]){_NAME}(?:\s?=\s?|:\s?(?=[^\s,;&"']*\d)))(?!{GONE})(?P<value>[^\s,;&"'`)\]}}>]+)""",
    re.IGNORECASE,
)
PART = re.compile(
    rf'(?P<head>\bname="?{_NAME}"?[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n)(?P<value>.*?)(?=\r\n--|\Z)',
    re.IGNORECASE | re.DOTALL,
)
USER = re.compile(
    r"(?P<head>\b[a-z][a-z0-9+.-]*://)(?P<value>[^/\s:@\"']*:[^/\s@\"']+)(?=@)", re.IGNORECASE
)
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?<=\bBearer )[\w.~+/-]{6,}=*"
    r"|(?<=\bbearer )(?=[\w.~+/-]*\d)[\w.~+/-]{6,}=*"
    r"|(?<=\bBasic )(?=[A-Za-z0-9+/]*[0-9A-Z+/=])[A-Za-z0-9+/]{8,}=*",
    re.DOTALL,
)
# One of these is near whatever a rule takes out; texts without them are not looked at any further.
SIGNS = (
    "passw", "passphrase", "pwd", "secret", "token", "key", "credential", "signature", "auth",
    "cookie", "bearer", "basic ", "://", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj",
)  # fmt: skip
BEFORE, AFTER = 1024, 16 * 1024


def suspicious(text: str) -> bool:
    """True when a rule might find something in a text; cheap."""
    low = text.lower()
    return any(sign in low for sign in SIGNS)


def suspicions(text: str) -> list[tuple[int, int]]:
    """Return the places of a long text in which a rule might find something."""
    low = text.lower()
    if len(low) != len(text):  # some letters grow when they are made small
        return [(0, len(text))]
    found = []
    for sign in SIGNS:
        at = low.find(sign)
        while at >= 0:
            found.append(at)
            at = low.find(sign, at + BEFORE)
    places: list[tuple[int, int]] = []
    for at in sorted(found):
        start, end = max(at - BEFORE, 0), min(at + BEFORE + AFTER, len(text))
        if places and start <= places[-1][1]:
            places[-1] = places[-1][0], end
        else:
            places.append((start, end))
    return places


@cache
def named_like_a_secret(name: str) -> bool:
    """True for the name of a header or field that holds a credential."""
    return NAMED.fullmatch(name) is not None


def _fields(text: str, found: Found) -> str:
    """Take out the values of JSON fields, whatever their type, in JSON within JSON too."""
    if '\\"' in text and text.lstrip()[:1] in ("{", "[", '"'):
        text = STRING.sub(lambda one: _inner(one[0], found), text)
    pieces, end = [], 0
    for head in FIELD.finditer(text):
        if head.start() < end:
            continue
        try:
            value, stop = DECODER.raw_decode(text, head.end())
        except (ValueError, RecursionError):
            continue
        if value in (GONE, "", [], {}):
            continue
        _told(value, found)
        pieces += [text[end : head.end()], f'"{GONE}"']
        end = stop
    text = "".join([*pieces, text[end:]]) if pieces else text
    return NESTED_FIELD.sub(_nested(found), LOOSE_FIELD.sub(_value(found), text))


def _inner(literal: str, found: Found) -> str:
    """Return a JSON string literal; one that holds JSON itself without that one's secrets."""
    if '\\"' not in literal or not suspicious(literal):
        return literal
    try:
        text = json.loads(literal)
    except ValueError:
        return literal
    clean = _fields(text, found)
    return literal if clean == text else json.dumps(clean, ensure_ascii=literal.isascii())


def _told(value: object, found: Found) -> None:
    """Note the texts in a value."""
    if isinstance(value, dict):
        for item in value.values():
            _told(item, found)
    elif isinstance(value, list):
        for item in value:
            _told(item, found)
    else:
        found.append(str(value))


def _value(found: Found) -> Callable[[re.Match[str]], str]:
    """Return what replaces the group "value" of a match, and notes it."""

    def replacement(one: re.Match[str]) -> str:
        if one["value"] in ("", GONE):
            return one[0]
        found.append(one["value"])
        return one["head"] + GONE

    return replacement


def _nested(found: Found) -> Callable[[re.Match[str]], str]:
    def replacement(one: re.Match[str]) -> str:
        value = one["value"] or one["number"] or GONE
        if value == GONE:
            return one[0]
        found.append(value)
        return f"{one['head']}{one['quote']}{GONE}{one['quote']}"

    return replacement


def _query(text: str, found: Found) -> str:
    """Take out what a query, a form or a sentence says to be a credential: ``password=…``."""
    if FORM.fullmatch(text):
        return PAIR.sub(lambda one: _pair(one, found), text)
    return SAID.sub(_value(found), text)


def _pair(one: re.Match[str], found: Found) -> str:
    value = unquote_plus(one["value"])
    if value in ("", GONE):
        return one[0]
    if named_like_a_secret(unquote_plus(one["name"]).strip("[]").rpartition("[")[2]):
        found.append(value)
        return f"{one['name']}={GONE}"
    clean = value
    if suspicious(value):
        clean = SAID.sub(_value(found), _fields(value, found))
    return one[0] if clean == value else f"{one['name']}={quote(clean, safe='')}"


def _with_value(pattern: re.Pattern[str]) -> Rule:
    return lambda text, found: pattern.sub(_value(found), text)


def _shapes(text: str, found: Found) -> str:
    def gone(one: re.Match[str]) -> str:
        found.append(one[0])
        return GONE

    return SHAPES.sub(gone, text)


# By name: what each takes out. "headers" is applied to headers by their name.
RULES: dict[str, Rule] = {
    "headers": lambda text, found: text,
    "fields": _fields,
    "query": _query,
    "form": _with_value(PART),
    "users": _with_value(USER),
    "shapes": _shapes,
}
