"""Scrubbing: the second wall between a secret and a cassette.

The first is that requests are recorded before they are signed. What a caller put into a body, a
query or a header by hand is caught here, by named rules, each of which can be left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import quote, unquote

from flowkit_replay.interactions import Interaction

__all__ = ["RULES", "Scrubber"]

GONE = "<scrubbed>"
_WORDS = (
    r"password|passwd|passphrase|pwd|secret|secret[_-]?key|app[_-]?secret|client[_-]?secret|token"
    r"|api[_-]?key|app[_-]?key|access[_-]?key|access[_-]?key[_-]?id|private[_-]?key|credentials?"
    r"|signature|authorization|cookie|set-cookie"
)
NAME = rf"(?:[\w.-]*[_.-])?(?:{_WORDS})"
WHOLE_NAME = re.compile(NAME, re.IGNORECASE)
NUMBER = r"(?P<number>-?\d[\d.eE+-]*)"
FIELD = re.compile(
    rf"""(?<!\\)(?P<quote>["'])(?P<name>{NAME})(?P=quote)(?P<colon>\s*:\s*)"""
    rf"""(?:(?P=quote)(?:\\.|(?!(?P=quote))[^\\])*(?P=quote)|{NUMBER})""",
    re.IGNORECASE | re.DOTALL,
)
# JSON inside a JSON string: the same quotes, escaped as often on all four sides.
NESTED_FIELD = re.compile(
    rf"""(?P<quote>(?<!\\)\\+["'])(?P<name>{NAME})(?P=quote)(?P<colon>\s*:\s*)"""
    rf"""(?:(?P=quote).*?(?<!\\)(?P=quote)|{NUMBER})""",
    re.IGNORECASE | re.DOTALL,
)
PAIR = re.compile(rf"(?P<head>(?:^|[?&;])(?:{NAME})=)(?P<value>[^&;\s]+)", re.IGNORECASE)
PART = re.compile(
    rf'(?P<head>\bname="(?:{NAME})"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(?P<value>.*?)(?=\r\n--)',
    re.IGNORECASE | re.DOTALL,
)
USER = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://)[^/\s:@]+:[^/\s@]+(?=@)", re.IGNORECASE)
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?<=\bBearer )[\w.~+/-]{8,}=*"
    r"|(?<=\bBasic )[A-Za-z0-9+/]{8,}=*",
    re.DOTALL,
)
# A cheap look that tells whether any rule could apply at all.
LOOK = re.compile(
    r"passw|passphrase|pwd|secret|token|[pi][_-]?key|access[_-]?key|private[_ -]?key|credential"
    r"|signature|authorization|cookie|://[^/\s]*@|AKIA|ASIA|gh[pousr]_|eyJ|Bearer |Basic ",
    re.IGNORECASE,
)


class Scrubber:
    """Takes secrets out of interactions, and counts what each rule took.

    Args:
        without: names of rules to leave out; see `RULES`.
        secrets: values that must never be written, wherever they stand.
    """

    def __init__(self, without: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        left_out = set(without)
        if unknown := left_out - RULES.keys():
            known = ", ".join(RULES)
            raise ValueError(
                f"there is no scrubbing rule {sorted(unknown)[0]!r}; there are: {known}"
            )
        self.rules = {name: rule for name, rule in RULES.items() if name not in left_out}
        self.secrets = tuple(secret for secret in secrets if secret)
        self.report: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """Return a body or an address without secrets."""
        for secret in self.secrets:
            for form in {secret, quote(secret, safe="")}:
                if form in text:
                    self.report["secrets"] += text.count(form)
                    text = text.replace(form, GONE)
        if LOOK.search(text):
            for name, rule in self.rules.items():
                clean, times = rule(text)
                if clean != text:
                    self.report[name] += times
                    text = clean
        return text

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets; one that is not text loses only the listed values."""
        if not body:
            return body
        try:
            return self.text(body.decode()).encode()
        except UnicodeDecodeError:
            text = body.decode("latin-1")
            clean = self.text(text)
            return body if clean == text else clean.encode("latin-1", "replace")

    def query(self, query: str) -> str:
        """Return a query without secrets; an upload's query is JSON, percent-encoded."""
        plain = unquote(query)
        if plain.startswith("{"):
            clean = self.text(plain)
            return query if clean == plain else quote(clean, safe="")
        return self.text(query)

    def header(self, name: str, value: str) -> str:
        """Return a header's value, or a mark in its place."""
        if "headers" in self.rules and WHOLE_NAME.fullmatch(name):
            self.report["headers"] += value != GONE
            return GONE
        return self.text(value)

    def interaction(self, one: Interaction) -> Interaction:
        """Return an interaction without secrets."""
        place, mark, query = one.uri.partition("?")
        return replace(
            one,
            uri=self.text(place) + mark + self.query(query),
            request_headers={k: self.header(k, v) for k, v in one.request_headers.items()},
            request_body=self.body(one.request_body),
            headers={k: [self.header(k, v) for v in values] for k, values in one.headers.items()},
            body=self.body(one.body),
        )


def _fields(text: str) -> tuple[str, int]:
    def field(found: re.Match[str]) -> str:
        quote_mark = found["quote"]
        return (
            f"{quote_mark}{found['name']}{quote_mark}{found['colon']}{quote_mark}{GONE}{quote_mark}"
        )

    text, plain = FIELD.subn(field, text)
    text, nested = NESTED_FIELD.subn(field, text)
    return text, plain + nested


def _keep_head(pattern: re.Pattern[str]) -> Callable[[str], tuple[str, int]]:
    return lambda text: pattern.subn(lambda m: m["head"] + GONE, text)


# By name: what each takes out. "headers" is applied to headers by their name.
RULES: dict[str, Callable[[str], tuple[str, int]]] = {
    "headers": lambda text: (text, 0),
    "fields": _fields,
    "query": _keep_head(PAIR),
    "form": _keep_head(PART),
    "users": _keep_head(USER),
    "shapes": lambda text: SHAPES.subn(GONE, text),
}
