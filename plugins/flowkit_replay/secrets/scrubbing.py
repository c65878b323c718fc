"""Scrubbing: the second wall between a secret and a cassette.

The first is that requests are recorded before they are signed. What a caller put into a body, a
query or a header by hand is caught here, by named rules, each of which can be left out. A credential
that was caught once is looked for in everything that is recorded from then on.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from flowkit_replay.cassette.interactions import Interaction, Layout
from flowkit_replay.cassette.locks import ProcessLock
from flowkit_replay.secrets.forms import SecretForms
from flowkit_replay.secrets.rules import (
    RULES,
    SCRUBBED,
    Found,
    find_suspects,
    is_secret_name,
    may_hold_secret,
)

__all__ = ["RULES", "Scrubber", "StreamScrubber", "extract_secrets", "scrub_interactions"]

BLOCK = 1024 * 1024
TAIL = 32 * 1024
# Of texts longer than this, only what is near a hint is looked at; JSON hangs together.
LONG = 64 * 1024
LONG_JSON = 4 * 1024 * 1024
# A value unlike ordinary words, so that it can be looked for wherever else it stands.
TELLING = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z])(?=.*[^a-z_])\S{8,4096}")
# The same for what a header holds: whatever stands there is a credential.
TELLING_IN_HEADER = re.compile(r"(?=.*[^a-z_])\S{6,4096}")
SCHEME = re.compile(r"(?:bearer|basic|digest|token)\s+", re.IGNORECASE)
# Every text is searched for each of them: of credentials that change all the time, the last count.
MOST_LEARNED = 32


class Scrubber:
    """Takes secrets out of interactions, and counts what each rule took.

    Args:
        without: names of rules to leave out; see `RULES`.
        secrets: values that must never be written, wherever and in whatever form they stand.

    Attributes:
        rules: the rules that are applied, by name.
        report: how often each rule took something out.
        version: grows with each further value that is looked for.
    """

    def __init__(self, without: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        left_out = {without} if isinstance(without, str) else set(without)
        if unknown := left_out - RULES.keys():
            known = ", ".join(RULES)
            raise ValueError(
                f"there is no scrubbing rule {sorted(unknown)[0]!r}; there are: {known}"
            )
        self.rules = {name: rule for name, rule in RULES.items() if name not in left_out}
        self.report: Counter[str] = Counter()
        self._given = SecretForms((secrets,) if isinstance(secrets, str) else secrets)
        self._forms = self._given
        self._learned: dict[str, None] = {}
        self.version = 0
        self._learns = True
        self._lock = ProcessLock()

    @property
    def has_learned(self) -> bool:
        """True when there are values to look for that were found, and not given."""
        return bool(self._learned)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be written."""
        return self._forms.secrets

    @property
    def forms(self) -> SecretForms:
        """The values that must never be written, in all their forms."""
        return self._forms

    def add_secrets(self, secrets: Iterable[str]) -> None:
        """Add values that must never be written."""
        with self._lock:
            given = self._given.with_more(secrets)
            self.version += given is not self._given
            self._given = given
            self._forms = self._given.with_more(self._learned)

    def with_secrets(self, found: Iterable[str]) -> Scrubber:
        """Return a scrubber that looks for further values too, and counts into the same report."""
        more = [text for one in found for text in extract_secrets(one)]
        return self._with(more) if more else self

    def without_learned(self) -> Scrubber:
        """Return a scrubber that knows the given values only, and learns none from what it sees."""
        twin = self._with(())
        twin._forms = self._given
        twin._learns = False
        return twin

    def _with(self, secrets: Iterable[str]) -> Scrubber:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._forms = self._forms.with_more(secrets)
        return twin

    def scrub_text(self, text: str, found: Found | None = None) -> str:
        """Return a body or an address without secrets; what the rules took is added to `found`."""
        text = self._scrub_known(text)
        if len(text) <= LONG or (len(text) <= LONG_JSON and text[0] in "{["):
            return self._apply_rules(text, found) if may_hold_secret(text) else text
        pieces, end = [], 0
        for start, stop in find_suspects(text):
            pieces += [text[end:start], self._apply_rules(text[start:stop], found)]
            end = stop
        return "".join([*pieces, text[end:]])

    def _apply_rules(self, text: str, found: Found | None) -> str:
        for name, rule in self.rules.items():
            took: Found = []
            text = rule(text, took)
            self._count(name, len(took))
            if found is not None:
                found += took
        return text

    def scrub_body(self, body: bytes, found: Found | None = None) -> bytes:
        """Return a body without secrets, be it text or not."""
        if not body:
            return body
        try:
            return self.scrub_text(body.decode(), found).encode()
        except UnicodeDecodeError:
            text = body.decode("latin-1")
            clean = self.scrub_text(text, found)
            return body if clean == text else clean.encode("latin-1", "replace")

    def scrub_pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a long body without secrets, a block at a time."""
        stream = StreamScrubber(self)
        for piece in pieces:
            yield from stream.feed(piece)
        yield stream.flush()

    def scrub_query(self, query: str, found: Found | None = None) -> str:
        """Return a query without secrets; an upload's query is JSON, percent-encoded."""
        plain = unquote(query)
        if plain.startswith("{"):
            clean = self.scrub_text(plain, found)
            return query if clean == plain else quote(clean, safe="")
        return self.scrub_text(query, found)

    def scrub_header(self, name: str, value: str, found: Found | None = None) -> str:
        """Return a header's value, or a mark in its place."""
        if "headers" in self.rules and is_secret_name(name):
            self._count("headers", value != SCRUBBED)
            if found is not None:
                found += _split_header(name, value)
            return SCRUBBED
        return self.scrub_text(value, found)

    def scrub_value(self, value: Any) -> Any:
        """Return a value of mappings, lists and texts without secrets."""
        if isinstance(value, Mapping):
            named = "fields" in self.rules
            return {
                key: SCRUBBED
                if named and item and isinstance(key, str) and is_secret_name(key)
                else self.scrub_value(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.scrub_value(item) for item in value]
        return self.scrub_text(value) if isinstance(value, str) and value else value

    def scrub_request(
        self, uri: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, dict[str, str], bytes, Found]:
        """Return address, headers and body without secrets, and what was taken out of them.

        A credential that one of the three names is looked for in the other two as well, and in
        whatever is scrubbed from then on.
        """
        found: Found = []
        place, mark, query = uri.partition("?")
        clean_headers = {k: self.scrub_header(k, v, found) for k, v in headers.items()}
        clean_query, clean_body = self.scrub_query(query, found), self.scrub_body(body, found)
        clean_place = self.scrub_text(place, found)
        if found:
            knowing = self._learn(found)
            clean_headers = {k: knowing._scrub_known(v) for k, v in clean_headers.items()}
            clean_place = knowing._scrub_known(clean_place)
            clean_query = knowing._scrub_known(clean_query)
            clean_body = knowing.scrub_body(clean_body)
        return clean_place + mark + clean_query, clean_headers, clean_body, found

    def scrub_interaction(self, one: Interaction) -> Interaction:
        """Return an interaction without secrets.

        Raises:
            CassetteError: a body that lies beside the cassette cannot be read.
        """
        uri, request_headers, request_body, found = self.scrub_request(
            one.uri, one.request_headers, one.request_body
        )
        knowing = self.with_secrets(found)
        taken = len(found)
        headers = {
            k: [knowing.scrub_header(k, v, found) for v in values]
            for k, values in one.headers.items()
        }
        if len(found) > taken:
            knowing = self._learn(found)
        body = one.body
        plain = one.decode() if one.get_header("Content-Encoding") and body else body
        taken = len(found)
        clean = knowing.scrub_body(plain, found)
        if len(found) > taken:
            knowing = self._learn(found)
            clean = knowing.scrub_body(clean)
        if clean != plain:
            body = clean
            headers = {k: v for k, v in headers.items() if k.lower() != "content-encoding"}
            for name in headers:
                if name.lower() == "content-length":
                    headers[name] = [str(len(body))]
        return replace(
            one,
            uri=uri,
            request_headers=request_headers,
            request_body=request_body,
            message=knowing.scrub_text(one.message) if one.message else "",
            headers={k: [knowing._scrub_known(v) for v in some] for k, some in headers.items()},
            body=body,
            layout=knowing._scrub_layout(one.layout) if one.layout else None,
        )

    def _scrub_layout(self, layout: Layout) -> Layout:
        return replace(
            layout,
            request=self.scrub_value(layout.request),
            response=self.scrub_value(layout.response),
            interaction=self.scrub_value(layout.interaction),
        )

    def _learn(self, found: Found) -> Scrubber:
        """Look for what was found in whatever comes; return a scrubber that knows all of it."""
        secrets = [text for one in found for text in extract_secrets(one)]
        known = self._given.secrets
        fresh = [one for one in secrets if one not in self._learned and one not in known]
        if fresh and self._learns:
            with self._lock:
                self._learned.update(dict.fromkeys(fresh))
                self.version += 1
                for old in list(self._learned)[:-MOST_LEARNED]:
                    del self._learned[old]
                self._forms = self._given.with_more(self._learned)
        return self._with(secrets) if secrets else self

    def _scrub_known(self, text: str) -> str:
        if not self._forms:
            return text
        clean, times = self._forms.replace(text, SCRUBBED)
        self._count("secrets", times)
        return clean

    def _count(self, rule: str, times: int) -> None:
        if times:
            with self._lock:
                self.report[rule] += times


def scrub_interactions(
    interactions: Iterable[Interaction], scrubber: Scrubber
) -> list[Interaction]:
    """Return interactions without secrets, also where one stands before it shows itself as one."""
    before = scrubber.version
    clean = [scrubber.scrub_interaction(one) for one in interactions]
    return clean if scrubber.version == before else [*map(scrubber.scrub_interaction, clean)]


class StreamScrubber:
    """A long body that loses its secrets while it passes.

    Args:
        scrubber: what takes them out.
    """

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._held = bytearray()
        # A listed secret takes up to eight bytes a character, in some forms.
        self._longest = max((8 * len(one.encode()) for one in scrubber.secrets), default=0)
        self._tail = max(TAIL, self._longest)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take a piece, and yield what is sure to hold no part of a secret that goes on."""
        self._held += piece
        while len(self._held) >= BLOCK + self._tail:
            cut = self._spare_secrets(self._find_cut())
            yield self._scrubber.scrub_body(bytes(self._held[:cut]))
            del self._held[:cut]

    def flush(self) -> bytes:
        """Return what is left at the end."""
        held = bytes(self._held)
        self._held.clear()
        return self._scrubber.scrub_body(held)

    def _find_cut(self) -> int:
        """Return where the bytes can be cut without cutting a credential: at the end of a line."""
        held = self._held
        cut = held.rfind(b"\n", TAIL, BLOCK) + 1 or BLOCK
        begun = held.rfind(b"-----BEGIN ", max(cut - TAIL, 1), cut)
        if begun > 0 and held.find(b"-----END ", begun, cut) < 0:
            return begun
        if held[cut - 1 : cut] != b"\n":
            # No line ends here: no credential is that long, and a blank or a quote ends most.
            ends = max(held.rfind(mark, cut - TAIL, cut) for mark in b" \"'&,;<>\t\0")
            cut = ends if ends > 0 else cut
        return cut

    def _spare_secrets(self, cut: int) -> int:
        """Return a place at or before `cut` at which no listed secret is cut."""
        forms = self._scrubber.forms
        while forms:
            start = max(cut - self._longest, 0)
            near = self._held[start : cut + self._longest].decode("latin-1")
            before = start + forms.find_across(near, cut - start)
            if before in (cut, 0):
                break
            cut = before
        return cut


class HeaderSecret(str):
    """What a header named like a credential holds: looked for elsewhere even when it is short."""

    __slots__ = ()


def extract_secrets(value: str, telling: re.Pattern[str] = TELLING) -> Iterator[str]:
    """Yield the texts in a credential, without its scheme, that are worth looking for elsewhere.

    Args:
        value: the value of a field, parameter or header.
        telling: what such a text must look like.
    """
    if isinstance(value, HeaderSecret):
        telling = TELLING_IN_HEADER
    text = SCHEME.sub("", value, count=1) if SCHEME.match(value) else value
    if telling.fullmatch(text) and text != SCRUBBED:
        yield str(text)
    if value[:6].lower() == "basic ":
        try:
            secret = base64.b64decode(text, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return
        if telling.fullmatch(secret):
            yield secret


def _split_header(name: str, value: str) -> Iterator[str]:
    """Yield the credentials in a header: the whole value, or what each cookie holds."""
    kind = name.lower()
    if kind not in ("cookie", "set-cookie"):
        yield HeaderSecret(value)
        return
    pairs = value.split(";") if kind == "cookie" else [value.partition(";")[0]]
    for pair in pairs:
        text = pair.partition("=")[2].strip().strip('"')
        yield HeaderSecret(text)
        if "%" in text:
            yield HeaderSecret(unquote(text))
