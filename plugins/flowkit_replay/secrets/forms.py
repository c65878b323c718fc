"""One secret, found again in every form in which a request could carry it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from urllib.parse import quote

__all__ = ["SecretForms"]

HTML = {'"': "&quot;", "'": "&#(?:x27|39);", "<": "&lt;", ">": "&gt;", "&": "&amp;"}
SHORTEST_CODED = 6
# Longer secrets are looked for in their usual forms only: a pattern of them takes too long.
LONGEST_PATTERN = 400
# What a text must hold for one of the escaped forms to be in it.
ESCAPES = re.compile(r"[%\\&]")


class SecretForms:
    """Texts that must not appear, as they are and in every form that a request can carry them in.

    They are recognised percent-encoded (once, twice, or in part), escaped as in JSON or HTML, within
    JSON however deep, in base64 at any offset, and in hexadecimal.

    Args:
        secrets: the texts.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one secret may be part of another.
        self.secrets = tuple(sorted(filter(None, set(secrets)), key=len, reverse=True))
        forms = {form for one in self.secrets for form in _encode(one)}
        self._plain = sorted(forms, key=len, reverse=True)
        self._escaped = [_compile(one) for one in self.secrets if len(one) <= LONGEST_PATTERN]

    def __bool__(self) -> bool:
        return bool(self.secrets)

    def with_more(self, secrets: Iterable[str]) -> SecretForms:
        """Return forms of these secrets and of others."""
        more = set(secrets).difference(self.secrets)
        return SecretForms([*self.secrets, *more]) if more else self

    def replace(self, text: str, mark: str) -> tuple[str, int]:
        """Return the text with every secret replaced, and how many there were."""
        times = 0
        for form in self._plain:
            if form in text:
                times += text.count(form)
                text = text.replace(form, mark)
        if self._escaped and ESCAPES.search(text):
            for pattern in self._escaped:
                text, found = pattern.subn(mark, text)
                times += found
        return text, times

    def find_across(self, text: str, place: int) -> int:
        """Return where a secret begins that goes on across a place in a text; the place itself if none does."""
        begins = [place]
        for form in self._plain:
            reach = len(form) - 1
            begin = text.find(form, max(place - reach, 0), place + reach)
            if begin >= 0:
                begins.append(begin)
        if ESCAPES.search(text):
            for pattern in self._escaped:
                spans = (one.span() for one in pattern.finditer(text))
                begins += [begin for begin, end in spans if begin < place < end]
        return min(begins)


@lru_cache(maxsize=512)
def _encode(secret: str) -> frozenset[str]:
    """Return the forms that are fixed texts: as it is, as in a web form, in base64, in hexadecimal."""
    data = secret.encode()
    forms = {secret, data.decode("latin-1"), secret.replace(" ", "+")}
    if len(secret) > LONGEST_PATTERN:
        forms |= {quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], escape(secret)}
    if len(data) < SHORTEST_CODED:
        return frozenset(forms)
    forms |= {data.hex(), data.hex().upper()}
    for offset in range(3):
        whole = base64.b64encode(bytes(offset) + data).decode()
        # Only the characters that no neighbour has a part in.
        first, last = (0, 2, 3)[offset], (0, 3, 2)[(offset + len(data)) % 3]
        sure = whole[first : len(whole) - last]
        forms |= {sure, sure.replace("+", "-").replace("/", "_")}
    return frozenset(forms)


@lru_cache(maxsize=512)
def _compile(secret: str) -> re.Pattern[str]:
    """Return a pattern of the secret in which each character may be escaped in its own way."""
    return re.compile("".join(_match_character(one) for one in secret))


def _match_character(one: str) -> str:
    percent = "".join(rf"%(?:25)*(?i:{byte:02x})" for byte in one.encode("utf-8", "surrogatepass"))
    units = one.encode("utf-16-be", "surrogatepass")
    slash = "".join(rf"\\+u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
    forms = [percent, slash]
    if one in HTML:
        forms.append(HTML[one])
    if one == " ":
        forms.append(r"\+")
    if one == "\\":
        forms.append(r"\\+")
    elif one in "\"'/":
        forms.append(r"\\*" + re.escape(one))
    elif one in "\n\r\t\b\f":
        forms.append(r"\\+" + {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}[one])
    forms.append(re.escape(one))
    if not one.isascii():
        forms.append(re.escape(quote(one, safe="")))
        forms.append(re.escape(one.encode("utf-8", "surrogatepass").decode("latin-1")))
    return f"(?:{'|'.join(forms)})"
