"""What is a secret: by the name it bears, and by its form within a text.

Logs, error texts and cassettes all read it here. `is_secret_name` decides about the name of a field
or header; `mask` returns a value in which no secret shows. `SECRET_NAME` and `replace_shapes` are the
same knowledge for what looks for secrets in a text of a known format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

__all__ = [
    "MASK",
    "SECRET_HINTS",
    "SECRET_NAME",
    "is_secret_name",
    "mask",
    "mask_address",
    "mask_text",
    "may_hold_secret",
    "replace_shapes",
]

#: What stands in a secret's place in logs and error texts.
MASK = "***"

# Words that tell a credential wherever they end a name, and those that do it only as a whole word.
_ENDS = (
    r"passwords?|passwd|passphrase|secrets?|secret[_-]?key|token|app[_-]?key|api[_-]?key"
    r"|access[_-]?key|access[_-]?key[_-]?id|private[_-]?key"
)
_WORDS = r"pwd|bearer|auth|credentials?|signature|authorization|cookies?|set-cookie"

#: Pattern of the whole name of a header or field that holds a credential, to be matched without
#: regard to case; it has no groups of its own.
SECRET_NAME = (
    rf"(?:[\w.-]*(?:{_ENDS})|(?:[\w.-]*[_.-])?(?:{_WORDS}))"
    r"(?:[_-]?(?:\d+|confirm(?:ation)?|hash))?"
)

# Credentials that show by their own form: private keys, AWS and GitHub keys, JSON web tokens, and
# what follows ``Bearer`` or ``Basic``.
_SHAPES = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?<=\bBearer )[\w.~+/-]{6,}=*"
    r"|(?<=\bbearer )(?=[\w.~+/-]*\d)[\w.~+/-]{6,}=*"
    r"|(?<=\bBasic )(?=[A-Za-z0-9+/]*[0-9A-Z+/=])[A-Za-z0-9+/]{8,}=*"
)
# The password of a URL, what follows a secret's name, and what follows an authentication scheme.
_IN_TEXT = (
    r"(?P<url>://[^\s:/@]*:)[^\s/@]+(?=@)"
    rf"|(?P<quoted>(?<![\w.-]){SECRET_NAME}\\*[\"']?\s*[=:]\s*)(?P<quote>\\*[\"'])(?:(?!(?P=quote)).)+(?:(?P=quote)|\Z)"
    rf"|(?P<pair>(?<![\w.-]){SECRET_NAME}[\"']?\s*[=:]\s*[\"']?)(?!(?:Bearer|Basic)\b)[^\s&,;\"']+"
    r"|(?P<scheme>\b(?:Bearer|Basic)\s+)[\w\-.~+/=]+"
)
#: One of these is in every text, in small letters, that holds a secret in one of those forms.
SECRET_HINTS = (
    "pass", "pwd", "secret", "token", "key", "credential", "signature", "auth", "cookie", "bearer",
    "basic", "://", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj",
)  # fmt: skip
_SIGNS = frozenset(":= ")  # what stands between a name and its value, or a scheme and its token
_SHORTEST_KEY = 16  # characters of the shortest key that shows by its own form


@cache
def _compiled(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """Return a pattern, compiled when it is first looked for: most programs meet no secret in a text."""
    return re.compile(pattern, flags)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether a header or field of this name holds a credential."""
    return _compiled(SECRET_NAME, re.IGNORECASE).fullmatch(name) is not None


def mask(value: Any, *, longest: int | None = None, also: Sequence[str] = ()) -> Any:
    """Return `value` with `MASK` in every secret's place: by the names of fields, and within texts.

    Args:
        value: anything; mappings and sequences are gone through to any depth, and what is neither
            a number nor None is shown as its text.
        longest: characters after which a text is cut off; None never cuts.
        also: further texts that are secrets, such as the credentials that were sent.
    """
    if isinstance(value, Mapping):
        return {
            key: MASK if is_secret_name(str(key)) else mask(inner, longest=longest, also=also)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask(inner, longest=longest, also=also) for inner in value]
    if isinstance(value, str):
        clean = mask_text(value, also)
        if longest is not None and len(clean) > longest:
            return f"{clean[:longest]}… ({len(clean)} characters)"
        return clean
    if isinstance(value, int | float | None):
        return value
    return mask(str(value), longest=longest, also=also)


def mask_text(text: str, also: Sequence[str] = ()) -> str:
    """Return a text without the passwords, keys and tokens in it.

    Args:
        text: the text.
        also: further texts that are secrets, wherever they stand.
    """
    for secret in also:
        text = text.replace(secret, MASK)
    if not may_hold_secret(text):
        return text
    text = _compiled(_IN_TEXT, re.IGNORECASE | re.DOTALL).sub(_masked, text)
    return replace_shapes(text, MASK)


def replace_shapes(text: str, replacement: str | Callable[[re.Match[str]], str]) -> str:
    """Return a text with something else in the place of every credential that shows by its own form.

    Args:
        text: the text.
        replacement: what stands in its place, or what returns that.
    """
    return _compiled(_SHAPES, re.DOTALL).sub(replacement, text)


def _masked(found: re.Match[str]) -> str:
    if (quote := found["quote"]) is not None:
        return f"{found['quoted']}{quote}{MASK}{quote}"
    return str(found["url"] or found["pair"] or found["scheme"]) + MASK


def mask_address(text: str) -> str:
    """Return an address, or what was meant to be one, without the password and tokens in it."""
    scheme, separator, rest = text.rpartition("://")
    parts = re.split(r"@|%40", rest)
    if len(parts) > 1:
        user, colon, _ = rest.partition(":")  # without a colon it may be a token
        rest = f"{user}:{MASK}@{parts[-1]}" if colon and "@" not in user else f"{MASK}@{parts[-1]}"
    return mask_text(scheme + separator + rest)


def may_hold_secret(text: str) -> bool:
    """Return whether a text may hold a secret in one of the known forms; cheap, and often wrong."""
    if len(text) < _SHORTEST_KEY and _SIGNS.isdisjoint(text):
        return False
    low = text.lower()
    for hint in SECRET_HINTS:  # noqa: SIM110  # a third of the time that `any` takes
        if hint in low:
            return True
    return False
