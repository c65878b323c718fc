"""Scrubbing: the second wall between a secret and a cassette.

The first is that requests are recorded before they are signed. What a caller put into a body, a
query or a header by hand is caught here, by named rules, each of which can be left out.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.secrets.forms import Forms
from flowkit_replay.secrets.rules import (
    GONE,
    RULES,
    Found,
    named_like_a_secret,
    suspicions,
    suspicious,
)

__all__ = ["RULES", "Passing", "Scrubber", "bare"]

BLOCK = 1024 * 1024
TAIL = 32 * 1024
# Of texts longer than this, only what is near a suspicious word is looked at; JSON hangs together.
LONG = 64 * 1024
LONG_JSON = 4 * 1024 * 1024
# A value that can be told from ordinary words, so that it is looked for wherever else it stands.
TELLING = re.compile(r"(?=.*[A-Za-z])(?=.*[^A-Za-z])(?=.*[^a-z_])\S{8,200}")
SCHEME = re.compile(r"(?:bearer|basic|digest|token)\s+", re.IGNORECASE)


class Scrubber:
    """Takes secrets out of interactions, and counts what each rule took.

    Args:
        without: names of rules to leave out; see `RULES`.
        secrets: values that must never be written, wherever and in whatever form they stand.
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
        self._forms = Forms((secrets,) if isinstance(secrets, str) else secrets)
        self._lock = threading.Lock()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be written."""
        return self._forms.secrets

    def remember(self, secrets: Iterable[str]) -> None:
        """Add values that must never be written."""
        with self._lock:
            self._forms = self._forms.with_more(secrets)

    def knowing(self, found: Iterable[str]) -> Scrubber:
        """Return a scrubber that looks for further values too, and counts into the same report."""
        more = [text for one in found for text in bare(one)]
        if not more:
            return self
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._forms = self._forms.with_more(more)
        return twin

    def text(self, text: str, found: Found | None = None) -> str:
        """Return a body or an address without secrets; what the rules took is added to `found`."""
        if self._forms:
            text, times = self._forms.replaced(text, GONE)
            self._count("secrets", times)
        if len(text) <= LONG or (len(text) <= LONG_JSON and text[0] in "{["):
            return self._ruled(text, found) if suspicious(text) else text
        pieces, end = [], 0
        for start, stop in suspicions(text):
            pieces += [text[end:start], self._ruled(text[start:stop], found)]
            end = stop
        return "".join([*pieces, text[end:]])

    def _ruled(self, text: str, found: Found | None) -> str:
        for name, rule in self.rules.items():
            took: Found = []
            text = rule(text, took)
            self._count(name, len(took))
            if found is not None:
                found += took
        return text

    def body(self, body: bytes, found: Found | None = None) -> bytes:
        """Return a body without secrets, be it text or not."""
        if not body:
            return body
        try:
            return self.text(body.decode(), found).encode()
        except UnicodeDecodeError:
            text = body.decode("latin-1")
            clean = self.text(text, found)
            return body if clean == text else clean.encode("latin-1", "replace")

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a long body without secrets, a block at a time."""
        passing = Passing(self)
        for piece in pieces:
            yield from passing.feed(piece)
        yield passing.rest()

    def query(self, query: str, found: Found | None = None) -> str:
        """Return a query without secrets; an upload's query is JSON, percent-encoded."""
        plain = unquote(query)
        if plain.startswith("{"):
            clean = self.text(plain, found)
            return query if clean == plain else quote(clean, safe="")
        return self.text(query, found)

    def header(self, name: str, value: str, found: Found | None = None) -> str:
        """Return a header's value, or a mark in its place."""
        if "headers" in self.rules and named_like_a_secret(name):
            self._count("headers", value != GONE)
            if found is not None:
                found.append(value)
            return GONE
        return self.text(value, found)

    def request(
        self, uri: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[str, dict[str, str], bytes, Found]:
        """Return address, headers and body without secrets, and what was taken out of them.

        A credential that one of the three names is looked for in the other two as well.
        """
        found: Found = []
        place, mark, query = uri.partition("?")
        clean_headers = {name: self.header(name, value, found) for name, value in headers.items()}
        clean_query, clean_body = self.query(query, found), self.body(body, found)
        clean_place = self.text(place, found)
        knowing = self.knowing(found) if found else self
        if knowing is not self:
            clean_headers = {k: knowing._known(v) for k, v in clean_headers.items()}
            clean_place, clean_query = knowing._known(clean_place), knowing._known(clean_query)
            clean_body = knowing.body(clean_body)
        return clean_place + mark + clean_query, clean_headers, clean_body, found

    def interaction(self, one: Interaction) -> Interaction:
        """Return an interaction without secrets.

        Raises:
            CassetteError: a body that lies beside the cassette cannot be read.
        """
        uri, request_headers, request_body, found = self.request(
            one.uri, one.request_headers, one.request_body
        )
        knowing = self.knowing(found)
        headers = {
            k: [knowing.header(k, v, found) for v in values] for k, values in one.headers.items()
        }
        body = one.body
        plain = one.decoded() if one.header("Content-Encoding") and body else body
        clean = knowing.body(plain, found)
        knowing = self.knowing(found)
        if knowing is not self:
            clean = knowing.body(clean)
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
            message=knowing.text(one.message),
            headers=headers,
            body=body,
        )

    def _known(self, text: str) -> str:
        clean, times = self._forms.replaced(text, GONE)
        self._count("secrets", times)
        return clean

    def _count(self, rule: str, times: int) -> None:
        if times:
            with self._lock:
                self.report[rule] += times


class Passing:
    """A long body that loses its secrets while it passes.

    Args:
        scrubber: what takes them out.
    """

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._held = bytearray()
        # A listed secret takes up to eight bytes a character, in some disguises.
        self._longest = max((8 * len(one.encode()) for one in scrubber.secrets), default=0)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take a piece, and yield what is sure to hold no part of a secret that goes on."""
        self._held += piece
        while len(self._held) >= BLOCK + TAIL:
            cut = self._cut()
            yield self._scrubber.body(bytes(self._held[:cut]))
            del self._held[:cut]

    def rest(self) -> bytes:
        """Return what is left at the end."""
        held = bytes(self._held)
        self._held.clear()
        return self._scrubber.body(held)

    def _cut(self) -> int:
        """Return where the bytes can be cut without cutting a secret: at the end of a line."""
        held = self._held
        cut = held.rfind(b"\n", TAIL, BLOCK) + 1 or BLOCK
        begun = held.rfind(b"-----BEGIN ", max(cut - TAIL, 1), cut)
        if begun > 0 and held.find(b"-----END ", begun, cut) < 0:
            return begun
        if held[cut - 1 : cut] != b"\n":
            # No line ends here: no credential is that long, and a blank or a quote ends most.
            ends = max(held.rfind(mark, cut - TAIL, cut) for mark in b" \"'&,;<>\t\0")
            cut = ends if ends > 0 else max(cut - self._longest, 1)
        return cut


def bare(value: str, worth: re.Pattern[str] = TELLING) -> Iterator[str]:
    """Yield the texts in a credential, without its scheme, that are worth looking for elsewhere."""
    text = SCHEME.sub("", value, count=1) if SCHEME.match(value) else value
    if worth.fullmatch(text):
        yield text
    if value[:6].lower() == "basic ":
        try:
            secret = base64.b64decode(text, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return
        if worth.fullmatch(secret):
            yield secret
