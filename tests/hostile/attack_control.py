"""Requests to the control API: each is answered with what it asks for, or refused in a sentence and without effect."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flowkit import ManualClock
from flowkit_mockserver import ServerState, Settings, create_app
from flowkit_mockserver.control.snapshots.snapshot import _checksum, _lines
from flowkit_mockserver.control.verbs import VERBS, Verb
from tests.hostile.asking import Escaped, ask_application
from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.finding import Finding
from tests.hostile.served import multipart
from tests.hostile.values import VALUES, Attempt, spoil

__all__ = ["attack"]

LONGEST = 5.0  # seconds that no answer may take
LONGEST_TEXT = 4000  # characters of a refusal
REFUSALS = (400, 401, 403, 404, 405, 409, 413, 415, 429)
NAMES = (
    "a", "b", "A.b-c_d", "x" * 64, "x" * 65, "..", ".", "", " ", "a/b", "a\\b", "%2e%2e", "..%2f..", "-x", "_x", "a\n",
    "a\x00", "ü", "\u202e", "CON", "a" * 5000, "v1", "namespaces", "_flowkit", "\uff11",
)  # fmt: skip
TEXTS = (
    "reader_0",
    "dataio_0",
    "*",
    "job/*",
    "job.*",
    "[",
    "job/[",
    "(",
    "**",
    "\ud800",
    "\x00",
    "x" * 4000,
    "",
)


def attack(seed: int, count: int) -> Finding:
    """Send `count` hostile requests to the control API of a server whose time stands still."""
    found = Finding("control API", count)
    chance = random.Random(seed)
    logger = logging.getLogger("flowkit_mockserver")
    logger.setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            _attack(found, chance, count, Path(folder))
    finally:
        logger.setLevel(logging.NOTSET)
    return found


def _attack(found: Finding, chance: random.Random, count: int, folder: Path) -> None:
    settings = Settings(data=folder / "state", namespaces=4, pace="manual")
    state = ServerState(settings, clock=ManualClock(1_622_505_600.0))
    try:
        app = create_app(state)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        http = app.test_client()
        _stock(http)
        good = http.get("/_flowkit/snapshot").data
        statuses: dict[int, int] = {}
        longest = 0.0
        for number in range(count):
            attempt = _make(chance, good)
            before = http.get("/_flowkit/snapshot").data if number % 5 == 0 else None
            try:
                answer = ask_application(http, attempt)
            except Escaped as error:
                found.faults.append(f"{number} {error}: {_show(attempt)}")
                continue
            status, body, took = answer.status, answer.body, answer.seconds
            longest = max(longest, took)
            statuses[status] = statuses.get(status, 0) + 1
            if took > LONGEST:
                found.faults.append(f"{number} took {took:.1f} s: {_show(attempt)}")
            if attempt.method != "HEAD" and (fault := _fault(status, body)):
                found.faults.append(f"{number} {fault}: {_show(attempt)}")
            if status != 200 and before is not None:
                after = http.get("/_flowkit/snapshot").data
                if after != before:
                    found.faults.append(
                        f"{number}: {status} has changed something: {_show(attempt)}"
                    )
            if number % 50 == 49:
                _look_after(found, http, number)
            if number % 200 == 199:
                http.put("/_flowkit/snapshot", data=good)
        state.close()
        state = ServerState(settings)
    finally:
        state.close()
    seen = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
    found.detail = f"longest {longest:.2f} s; {seen}"


def _fault(status: int, body: bytes) -> str:
    """Return what is wrong with an answer; empty when nothing is."""
    if status == 200:
        return ""
    if status not in REFUSALS:
        return f"is answered with HTTP {status} {body[:200]!r}"
    if status in (404, 405) or body.startswith(b"<!doctype"):
        return ""  # what is no path of the API at all
    try:
        text = json.loads(body)["retmsg"]
    except (ValueError, KeyError, TypeError):
        return f"is refused with {body[:200]!r}"
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        return f"is refused with {len(text)} characters: {str(text)[:200]!r}"
    if any(word in text for word in ("object has no attribute", "object is not", "Traceback")):
        return f"is refused with {text[:300]!r}"
    return ""


def _look_after(found: Finding, http: Any, number: int) -> None:
    """Note a server that no longer does what it should."""
    for path in (
        "/_flowkit",
        "/_flowkit/namespaces",
        "/_flowkit/journal?last=3",
        "/_flowkit/openapi.json",
    ):
        answer = http.get(path)
        if answer.status_code != 200:
            found.faults.append(
                f"after {number}: GET {path} is answered with {answer.status_code} {answer.data[:200]!r}"
            )
    for name in http.get("/_flowkit/namespaces").json["data"]:
        http.delete(f"/_flowkit/namespaces/{quote(name)}")
    http.application.extensions["flowkit-mock"].faults.clear()
    answer = http.post("/v1/version/get", json={"module": "FATE"})
    if answer.json.get("retcode") != 0:
        found.faults.append(f"after {number}: {answer.status_code} {answer.data[:200]!r}")


def _stock(http: Any) -> None:
    rows = b"id,y,x\n" + b"".join(b"%d,%d,%d\n" % (i, i % 2, i) for i in range(30))
    body, kind = multipart(rows)
    for name in ("guest", "host"):
        query = f"namespace=shop&table_name={name}&head=1&partition=4&work_mode=0"
        http.post(f"/v1/data/upload?{query}", data=body, content_type=kind)
    http.post("/_flowkit/advance", json={"seconds": 60})
    for _ in range(2):
        http.post("/v1/job/submit", json={"job_dsl": DSL, "job_runtime_conf": CONF})
    http.post("/_flowkit/advance", json={"seconds": 2})
    http.post("/v1/model/tag/create", json={"tag_name": "a"})


def _make(chance: random.Random, good: bytes) -> Attempt:
    """Return a request to the control API, of the server or of a namespace."""
    verb = chance.choice(VERBS)
    method = (
        chance.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"))
        if chance.random() < 0.03
        else verb.method
    )
    headers = {"Content-Type": "application/json"}
    if chance.random() < 0.2:
        headers["X-Flowkit-Namespace"] = _header_text(chance.choice(NAMES))
    base = "/_flowkit"
    if chance.random() < 0.15:
        base = f"/_flowkit/namespaces/{quote(chance.choice(NAMES).encode('utf-8', 'surrogatepass'))}/_flowkit"
    path = base + verb.path.replace(
        "{name}", quote(chance.choice(NAMES).encode("utf-8", "surrogatepass"))
    )
    if chance.random() < 0.03:
        headers["Content-Type"] = chance.choice(
            ("", "text/plain", "multipart/form-data; boundary=b", "application/json; charset=x")
        )
    if verb.method == "PUT":
        return Attempt(method, path, _spoilt_snapshot(chance, good), headers)
    fields = _fields(chance, verb, good)
    if verb.method == "POST":
        body = json.dumps(fields).encode()
        if chance.random() < 0.04:
            body = chance.choice(
                (
                    b"",
                    b"[]",
                    b"null",
                    b"{",
                    b"\xff",
                    b"[" * 50_000,
                    b'{"a":' * 90 + b"1" + b"}" * 90,
                )
            )
        return Attempt(method, path, body, headers)
    texts = {
        str(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    query = urlencode(texts, errors="surrogatepass")
    return Attempt(method, f"{path}?{query}", b"", headers)


def _fields(chance: random.Random, verb: Verb, good: bytes) -> dict[str, Any]:
    """Return fields that a verb has, some of them odd."""
    fields: dict[str, Any] = {}
    for field in verb.fields:
        if field.required or chance.random() < 0.5:
            fields[field.name] = _value(chance, field.name, field.schema, good)
    if fields and chance.random() < 0.5:
        spoilt = spoil(fields, chance)
        fields = spoilt if isinstance(spoilt, dict) else {"": spoilt}
    return fields


def _value(chance: random.Random, name: str, schema: Mapping[str, Any], good: bytes) -> Any:
    if name == "name":
        return chance.choice(NAMES)
    if name == "rules":
        return _rules(chance)
    if name in ("before", "after"):
        try:
            return json.loads(_spoilt_snapshot(chance, good))
        except (ValueError, RecursionError):
            return {}
    if name == "seconds":
        return chance.choice((0, 1, 0.5, 3600, 1e9, 1e300, -1, 10**400, float("nan"), float("inf")))
    if name == "pace":
        return chance.choice(
            ("instant", "manual", 0, 1, 1e-9, 1e9, -1, "1e400", "nan", "x" * 9999, "٣")
        )
    if "enum" in schema:
        return chance.choice([*schema["enum"], "x", 0, None, True, [], {}])
    kinds = schema.get("type", "object")
    kind = chance.choice([kinds] if isinstance(kinds, str) else list(kinds))
    return chance.choice(
        {
            "string": TEXTS,
            "integer": (0, 1, 3, 200, 503, 599, -1, 10**30),
            "number": (0, 1, 0.5, 1e308, -1),
            "boolean": (True, False),
            "null": (None,),
        }.get(kind, VALUES)
    )


def _rules(chance: random.Random) -> Any:
    """Return what a rule file may hold, or nearly."""
    rule = {
        "match": chance.choice(("job/*", "job.*", "*", "[", "")),
        "status": chance.choice((503, 200, 999, -1, "503", None)),
        "delay": chance.choice((0, 0.001, -1, 1e400, "1", [0, 1])),
        "times": chance.choice((1, 0, -1, None, 10**30)),
    }
    rules: Any = {"rules": [rule], "stages": [], "seed": chance.choice((1, None, "x", 10**400))}
    for _ in range(chance.randrange(4)):
        rules = spoil(rules, chance)
    return rules


def _spoilt_snapshot(chance: random.Random, good: bytes) -> bytes:
    """Return a snapshot that is good, was damaged, or was made by somebody else."""
    kind = chance.random()
    if kind < 0.1:
        return good if chance.random() < 0.5 else gzip.compress(good)
    content = bytearray(good)
    if kind < 0.3:
        for _ in range(chance.randrange(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)
    if kind < 0.4:
        packed = gzip.compress(good)
        cut = chance.choice((good, packed))
        return cut[: chance.randrange(len(cut))]
    if kind < 0.45:
        return chance.choice(
            (b"", b"{}", b"[]", b"\x1f\x8b", b"[" * 50_000, gzip.compress(bytes(1000)), b"null")
        )
    document = json.loads(good)
    if kind < 0.55:
        for _ in range(chance.randrange(1, 4)):
            document[chance.choice(list(document))] = chance.choice(VALUES)
        return json.dumps(document).encode()
    # What is in it is odd, and its checksum is right.
    inner = {
        name: document[name]
        for name in ("fate_version", "now", "documents", "rows", "files", "uploads")
    }
    for _ in range(chance.randrange(1, 4)):
        for _ in range(30):
            spoilt = spoil(inner, chance)
            if isinstance(spoilt, dict) and spoilt.keys() >= inner.keys():
                inner = spoilt
                break
    try:
        checksum = _checksum("".join(_lines(inner)).encode())
    except Exception:  # lines of what has another form; any checksum will do
        checksum = "sha256:" + hashlib.sha256(b"").hexdigest()
    return json.dumps({**document, **inner, "checksum": checksum}).encode()


def _header_text(text: str) -> str:
    return text.replace("\n", "").replace("\r", "").encode("utf-8", "replace").decode("latin-1")


def _show(attempt: Attempt) -> str:
    return f"{attempt.method} {attempt.path[:200]} {attempt.body[:600]!r}"
