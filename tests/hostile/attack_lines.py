"""Every route of every line, with arguments that are missing, odd, huge, nested, or where they do not belong."""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flowkit.servers import LINES
from flowkit_mockserver import ServerState, Settings, create_app
from flowkit_mockserver.dialects.routes import find_route
from tests.hostile.asking import Escaped, ask_application
from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.finding import Finding
from tests.hostile.served import multipart
from tests.hostile.values import NAMES, VALUES, Attempt, spoil

__all__ = ["attack"]

LONGEST = 5.0  # seconds that no answer may take
#: What no answer of the real server comes from, for it has no such parts or is not written so.
OWN_FAULTS = (
    sqlite3.Error,
    RecursionError,
    MemoryError,
    AssertionError,
    NotImplementedError,
    SystemError,
)
#: Deep within a body, or as an argument: what JSON can say and few expect.
DEEP: tuple[Any, ...] = (
    json.loads("[" * 90 + "]" * 90), json.loads('{"a":' * 80 + "1" + "}" * 80), {"a" * 3000: 1}, [0] * 20_000,
    {str(i): i for i in range(5000)}, "é" * 3000, "٣", "1_000", "0x10", "1e5", "+1", " 7 ", "-0", "\u202e", "true",
)  # fmt: skip


def attack(seed: int, count: int) -> Finding:
    """Send `count` hostile requests, as many to each line."""
    found = Finding("lines", count)
    logger = logging.getLogger("flowkit_mockserver")
    level, told = logger.level, _Told()
    logger.setLevel(logging.WARNING)
    logger.addHandler(told)
    logger.propagate = False
    statuses: Counter[int] = Counter()
    try:
        for number, line in enumerate(LINES):
            share = count // len(LINES) + (number < count % len(LINES))
            chance = random.Random(f"{seed}/{line.name}")
            with tempfile.TemporaryDirectory() as folder:
                _attack(found, chance, share, Path(folder), line.name, statuses, told)
    finally:
        logger.setLevel(level)
        logger.removeHandler(told)
        logger.propagate = True
    seen = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
    found.detail = f"longest {told.longest:.2f} s; {seen}"
    return found


class _Told(logging.Handler):
    """Keeps what a server logs about a request that it did not expect."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []
        self.longest = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is no ordinary refusal."""
        import sys

        error = sys.exception()
        if error is None:
            return
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = (
            f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno} {error!s:.80}"
        )
        if isinstance(error, OWN_FAULTS):
            self.errors.append(place)


def _attack(
    found: Finding,
    chance: random.Random,
    count: int,
    folder: Path,
    version: str,
    statuses: Counter[int],
    told: _Told,
) -> None:
    settings = Settings(
        data=folder / "state", allow_paths=(folder,), keep_jobs=200, fate_version=version
    )
    state = ServerState(settings)
    try:
        app = create_app(state)
        http = app.test_client()
        known = _stock(http, _dsl(version))
        routes = [
            (method, rule.rule)
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/v1/")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
        healthy = http.post("/v1/version/get", json={"module": "FATE"}).json
        for number in range(count):
            attempt = _make(chance, routes, known)
            what = (
                f"{version} {number} {attempt.method} {attempt.path[:300]} {attempt.body[:500]!r}"
            )
            try:
                answer = ask_application(http, attempt)
            except Escaped as error:
                found.faults.append(f"{error}: {what}")
                continue
            status, body, took = answer.status, answer.body, answer.seconds
            told.longest = max(told.longest, took)
            statuses[status] += 1
            if took > LONGEST:
                found.faults.append(f"took {took:.1f} s: {what}")
            if status >= 500 and not _as_the_real_server(version, attempt.path):
                found.faults.append(f"HTTP {status} {body[:200]!r}: {what}")
            found.faults += [f"{error}: {what}" for error in told.errors]
            told.errors.clear()
            if status == 200 and b"jobId" in body and b'"retcode":0' in body:
                known["job_id"] = [*known["job_id"][-5:], str(json.loads(body)["jobId"])]
            if (
                number % 40 == 39
                and (seen := http.post("/v1/version/get", json={"module": "FATE"}).json) != healthy
            ):
                found.faults.append(f"after {version} {number}: {seen}")
            if number % 1500 == 1499:
                if http.post("/_flowkit/reset", json={}).status_code != 200:
                    found.faults.append(f"{version} {number}: reset fails")
                known = _stock(http, _dsl(version))
        state.close()
        state = ServerState(settings)
    finally:
        state.close()


def _as_the_real_server(version: str, path: str) -> bool:
    """Return whether the real server, too, answers with HTTP 500 there: where nothing catches exceptions."""
    return path.startswith(("/v1/component/", "/v1/info/", "/v1/version"))


def _dsl(version: str) -> dict[str, Any]:
    """Return the DSL of a job that a line runs to its end."""
    retired = version in ("1.9", "1.10", "1.11")
    text = json.dumps(DSL)
    found: dict[str, Any] = json.loads(text.replace("DataIO", "DataTransform") if retired else text)
    return found


def _stock(http: Any, dsl: dict[str, Any]) -> dict[str, list[Any]]:
    """Let a server have something of everything, and return the names of it."""
    rows = "".join(f"{i},{i % 2},{i / 10}\n" for i in range(40))
    for name, head in (("guest", "id,y,x0"), ("host", "id,x1,x2")):
        query = f"namespace=shop&table_name={name}&head=1&partition=4&work_mode=0&drop=1"
        body, kind = multipart(f"{head}\n{rows}".encode())
        http.post(f"/v1/data/upload?{query}", data=body, content_type=kind)
    ids: list[str] = []
    models: list[str] = []
    for _ in range(2):
        answer = http.post("/v1/job/submit", json={"job_dsl": dsl, "job_runtime_conf": CONF}).json
        if "jobId" not in answer:
            answer = http.post("/v1/job/submit", json={"dsl": dsl, "runtime_conf": CONF}).json
        ids.append(str(answer.get("jobId", "0")))
        info = (answer.get("data") or {}).get("model_info", {})
        models.append(str(info.get("model_id", "m")))
    http.post("/v1/model/tag/create", json={"tag_name": "a"})
    return {
        "job_id": ids, "model_version": ids, "model_id": models, "role": ["guest", "host", "local"],
        "party_id": [7001, "7001", 7002, 0], "component_name": ["reader_0", "dataio_0", "intersection_0"],
        "table_name": ["guest"], "name": ["guest", "fate"], "namespace": ["shop"], "tag_name": ["a"],
        "party_model_id": [f"guest#7001#{models[0]}"], "cpn_name": ["dataio_0"],
    }  # fmt: skip


def _make(
    chance: random.Random, routes: list[tuple[str, str]], known: dict[str, list[Any]]
) -> Attempt:
    """Return a request for some route."""
    method, rule = chance.choice(routes)
    route = find_route(method, rule.removeprefix("/v1"))
    path = "/".join(
        quote(_text(chance, known, part).encode("utf-8", "surrogatepass"))
        if part.startswith("<")
        else part
        for part in rule.split("/")
    )
    names = {*route.needs, *chance.sample([*known], chance.randrange(len(known)))}
    if chance.random() < 0.25:
        names |= {*chance.sample(NAMES, chance.randrange(6))}
    if names and chance.random() < 0.3:
        names -= {chance.choice(sorted(names))}
    config: Any = {name: _value(chance, known, name) for name in sorted(names)}
    if rule == "/v1/job/submit":
        config = {"job_dsl": DSL, "job_runtime_conf": CONF, "dsl": DSL, "runtime_conf": CONF}
        for _ in range(chance.randrange(1, 5)):
            config = spoil(config, chance)
    elif chance.random() < 0.2:
        config = spoil(config, chance)
    return _sent(chance, method, path, config)


def _sent(chance: random.Random, method: str, path: str, config: Any) -> Attempt:
    """Return a request that carries a configuration in one of the ways that there are, or in two."""
    query = ""
    if isinstance(config, dict) and chance.random() < 0.3:
        texts = {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
        query = "?" + urlencode(texts, errors="surrogatepass")
        if len(query) > 60_000:
            query = query[:60_000]
    kind = chance.random()
    if kind < 0.7:
        body, content_type = json.dumps(config).encode(), "application/json"
    elif kind < 0.8 and isinstance(config, dict):
        texts = {str(k): str(v) for k, v in config.items()}
        body, content_type = (
            urlencode(texts, errors="surrogatepass").encode(),
            "application/x-www-form-urlencoded",
        )
    elif kind < 0.95:
        fields = config if isinstance(config, dict) else {"": config}
        content = chance.choice((b"", b"PK\x03\x04", b"{}", b"id,x\n1,2\n", b"\xff" * 200))
        body, content_type = multipart(
            content, {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
        )
    else:
        body, content_type = (
            chance.choice((b"", b"[", b"null", b"\xff")),
            chance.choice(("", "text/x", "application/json")),
        )
    return Attempt(method, path + query, body, {"Content-Type": content_type})


def _value(chance: random.Random, known: dict[str, list[Any]], name: str) -> Any:
    kind = chance.random()
    if kind < 0.65 and name in known:
        return chance.choice(known[name])
    return chance.choice(DEEP if kind > 0.92 else VALUES)


def _text(chance: random.Random, known: dict[str, list[Any]], part: str) -> str:
    name = part.strip("<>").rpartition(":")[2]
    value = _value(chance, known, name)
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:3000] or "x"
