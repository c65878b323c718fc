"""The scrubbing rules: where a credential stands in what is recorded, and how it is taken out.

What is a credential, by name or by its own form, `flowkit.call.secrets` says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote, unquote_plus

from flowkit.call.secrets import (
    SECRET_HINTS,
    SECRET_NAME,
    is_secret_name,
    may_hold_secret,
    replace_shapes,
)

__all__ = [
    "RULES",
    "SCRUBBED",
    "Found",
    "Rule",
    "find_suspects",
    "is_secret_name",
    "may_hold_secret",
]

SCRUBBED = "<scrubbed>"

Found = list[str]
Rule = Callable[[str, Found], str]

DECODER = json.JSONDecoder()
FIELD = re.compile(rf'(?<!\\)"{SECRET_NAME}"\s*:\s*(?=["\d\-\[{{])', re.IGNORECASE)
# What is no JSON but looks alike: the repr of a Python mapping, and JSON that was cut off.
LOOSE_FIELD = re.compile(
    rf"""(?<!\\)(?P<head>(?P<quote>["']){SECRET_NAME}(?P=quote)\s*:\s*(?P<mark>["']))"""
    r"""(?P<value>(?:\\.|(?!(?P=mark))[^\\])*)""",
    re.IGNORECASE | re.DOTALL,
)
# JSON within a JSON text that is no whole JSON itself: the same quotes, escaped as often.
NESTED_FIELD = re.compile(
    rf"""(?P<head>(?P<quote>(?<!\\)\\+["']){SECRET_NAME}(?P=quote)\s*:\s*)"""
    r"""(?:(?P=quote)(?P<value>.*?)(?<!\\)(?P=quote)|(?P<number>-?\d[\d.eE+-]*))""",
    re.IGNORECASE | re.DOTALL,
)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
PAIR = re.compile(r"(?P<name>[^=&;]*)=(?P<value>[^&;]*)")
FORM = re.compile(rf"[\w.%+\[\]-]+=(?:{SCRUBBED}|[^\s{{<\"'])*")
ASSIGNMENT = re.compile(
    rf"""(?P<head>(?:^|[\s?&;,([{{<"'`]){SECRET_NAME}(?:\s?=\s?|:\s?(?=[^\s,;&"']*\d)))(?!{SCRUBBED})(?P<value>[^\s,;&"'`)\]}}>]+)""",
    re.IGNORECASE,
)
PART = re.compile(
    rf'(?P<head>\bname="?{SECRET_NAME}"?[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n)(?P<value>.*?)(?=\r\n--|\Z)',
    re.IGNORECASE | re.DOTALL,
)
USER = re.compile(
    r"(?P<head>\b[a-z][a-z0-9+.-]*://)(?P<value>[^/\s:@\"']*:[^/\s@\"']+)(?=@)", re.IGNORECASE
)
BEFORE, AFTER = 1024, 16 * 1024


def find_suspects(text: str) -> list[tuple[int, int]]:
    """Return the spans of a long text in which a rule might find something."""
    low = text.lower()
    if len(low) != len(text):  # some letters grow when they are made small
        return [(0, len(text))]
    found = []
    for hint in SECRET_HINTS:
        at = low.find(hint)
        while at >= 0:
            found.append(at)
            at = low.find(hint, at + BEFORE)
    places: list[tuple[int, int]] = []
    for at in sorted(found):
        start, end = max(at - BEFORE, 0), min(at + BEFORE + AFTER, len(text))
        if places and start <= places[-1][1]:
            places[-1] = places[-1][0], end
        else:
            places.append((start, end))
    return places


def _scrub_fields(text: str, found: Found) -> str:
    """Take out the values of JSON fields, whatever their type, in JSON within JSON too."""
    if '\\"' in text and text.lstrip()[:1] in ("{", "[", '"'):
        text = STRING.sub(lambda one: _scrub_literal(one[0], found), text)
    pieces, end = [], 0
    for head in FIELD.finditer(text):
        if head.start() < end:
            continue
        try:
            value, stop = DECODER.raw_decode(text, head.end())
        except (ValueError, RecursionError):
            continue
        if value in (SCRUBBED, "", [], {}):
            continue
        _collect_texts(value, found)
        pieces += [text[end : head.end()], f'"{SCRUBBED}"']
        end = stop
    text = "".join([*pieces, text[end:]]) if pieces else text
    return NESTED_FIELD.sub(_replace_nested(found), LOOSE_FIELD.sub(_replace_value(found), text))


def _scrub_literal(literal: str, found: Found) -> str:
    """Return a JSON string literal; one that holds JSON itself without that one's secrets."""
    if '\\"' not in literal or not may_hold_secret(literal):
        return literal
    try:
        text = json.loads(literal)
    except ValueError:
        return literal
    clean = _scrub_fields(text, found)
    return literal if clean == text else json.dumps(clean, ensure_ascii=literal.isascii())


def _collect_texts(value: object, found: Found) -> None:
    """Note the texts in a value."""
    if isinstance(value, dict):
        for item in value.values():
            _collect_texts(item, found)
    elif isinstance(value, list):
        for item in value:
            _collect_texts(item, found)
    else:
        found.append(str(value))


def _replace_value(found: Found) -> Callable[[re.Match[str]], str]:
    """Return what replaces the group "value" of a match, and notes it."""

    def replacement(one: re.Match[str]) -> str:
        if one["value"] in ("", SCRUBBED):
            return one[0]
        found.append(one["value"])
        return one["head"] + SCRUBBED

    return replacement


def _replace_nested(found: Found) -> Callable[[re.Match[str]], str]:
    def replacement(one: re.Match[str]) -> str:
        value = one["value"] or one["number"] or SCRUBBED
        if value == SCRUBBED:
            return one[0]
        found.append(value)
        return f"{one['head']}{one['quote']}{SCRUBBED}{one['quote']}"

    return replacement


def _scrub_query(text: str, found: Found) -> str:
    """Take out what a query, a form or a sentence says to be a credential: ``password=…``."""
    if FORM.fullmatch(text):
        return PAIR.sub(lambda one: _scrub_pair(one, found), text)
    return ASSIGNMENT.sub(_replace_value(found), text)


def _scrub_pair(one: re.Match[str], found: Found) -> str:
    value = unquote_plus(one["value"])
    if value in ("", SCRUBBED):
        return one[0]
    if is_secret_name(unquote_plus(one["name"]).strip("[]").rpartition("[")[2]):
        found.append(value)
        return f"{one['name']}={SCRUBBED}"
    clean = value
    if may_hold_secret(value):
        clean = ASSIGNMENT.sub(_replace_value(found), _scrub_fields(value, found))
    return one[0] if clean == value else f"{one['name']}={quote(clean, safe='')}"


def _value_rule(pattern: re.Pattern[str]) -> Rule:
    return lambda text, found: pattern.sub(_replace_value(found), text)


def _scrub_shapes(text: str, found: Found) -> str:
    def replacement(one: re.Match[str]) -> str:
        found.append(one[0])
        return SCRUBBED

    return replace_shapes(text, replacement)


# By name: what each takes out. "headers" is applied to headers by their name.
RULES: dict[str, Rule] = {
    "headers": lambda text, found: text,
    "fields": _scrub_fields,
    "query": _scrub_query,
    "form": _value_rule(PART),
    "users": _value_rule(USER),
    "shapes": _scrub_shapes,
}
