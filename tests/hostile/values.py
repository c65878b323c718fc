"""Hostile values, and requests made of them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

__all__ = ["Attempt", "make_attempt", "spoil"]

NAMES = (
    "job_id", "role", "party_id", "component_name", "task_id", "status", "limit", "order_by", "reverse",
    "namespace", "table_name", "model_id", "model_version", "tag_name", "tag_id", "module", "work_mode",
    "backend", "head", "partition", "drop", "file", "output_path", "delimiter", "job_dsl",
    "job_runtime_conf", "cpn_str", "train_dsl", "version", "filename", "date", "notes", "stop_status",
    "seconds", "component", "message", "times", "path", "retry_after", "f_status", "create_time",
    "start_time", "end_time", "elapsed", "initiator", "src_role", "service_id", "arbiter", "guest",
    "host", "servings", "bind_table", "engine", "address", "schema", "force_update", "store_address",
    "federated_roles", "privilege_role", "privilege_command", "privilege_component", "src_party_id",
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**400, -(10**30), 0.5, 1e308, float("inf"), float("nan"),
    "", " ", "0", "x" * 5000, "\ud800", "a\udfffb", "\x00", "a\x1fb", "../../etc/passwd", "/dev/zero", "%00",
    "2021-01-01 00:00:00", "99999999999999999999", "guest", "{}", "[" * 3000, "'; DROP TABLE documents; --",
    "{{7*7}}", "<script>", "\r\nX: y", [], {}, [None], [[]], [1, "a"], {"a": 1}, {"": None}, ["now", "then"],
    {"guest": [7001]}, [0, 10**400], ["2021-01-01 00:00:00", "x"],
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One request: method, path with query, body and headers."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


def spoil(value: Any, chance: random.Random) -> Any:
    """Return a copy of a JSON value in which something is replaced, removed or added."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        copy = dict(value)
        name = chance.choice(list(copy))
        kind = chance.random()
        if kind < 0.08:
            del copy[name]
        elif kind < 0.16:
            copy[chance.choice(NAMES)] = chance.choice(VALUES)
        else:
            copy[name] = spoil(copy[name], chance)
        return copy
    if isinstance(value, list) and value and chance.random() < 0.7:
        items = list(value)
        items[chance.randrange(len(items))] = spoil(chance.choice(items), chance)
        return items
    return chance.choice(VALUES)


def make_attempt(
    chance: random.Random, paths: list[tuple[str, str]], submit: dict[str, Any], job_ids: list[str]
) -> Attempt:
    """Return a request that some client might send, and none should.

    Args:
        chance: decides.
        paths: method and path of what there is.
        submit: the body of a good submit.
        job_ids: ids of jobs that exist.
    """
    kind = chance.random()
    if kind < 0.2:
        body = submit
        for _ in range(chance.randrange(1, 4)):
            body = spoil(body, chance)
        return _json("POST", "/v1/job/submit", body)
    method, path = chance.choice(paths)
    if chance.random() < 0.03:
        method = chance.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
    if path.endswith("data/upload") or kind < 0.25:
        return _multipart(path, chance)
    if kind < 0.32:
        return Attempt(method, path, _bytes(chance), _headers(chance))
    config = {chance.choice(NAMES): chance.choice(VALUES) for _ in range(chance.randrange(8))}
    if job_ids and chance.random() < 0.6:
        config |= {"job_id": chance.choice(job_ids)}
    if chance.random() < 0.5:
        config |= {"role": "guest", "party_id": 7001}
    if chance.random() < 0.4:
        config |= {"component_name": chance.choice(["reader_0", "dataio_0", "intersection_0"])}
    return _json(method, path, config if chance.random() < 0.93 else chance.choice(VALUES))


def _json(method: str, path: str, body: Any) -> Attempt:
    text = json.dumps(body)
    return Attempt(method, path, text.encode(), {"Content-Type": "application/json"})


def _bytes(chance: random.Random) -> bytes:
    return chance.choice(
        [
            b"", b"{", b"null", b"\xff\xfe", b"\xed\xa0\x80", b'"\\ud800"', b"[" * 100_000, b"[" * 900 + b"]" * 900,
            b'{"a":' * 500 + b"1" + b"}" * 500, b"1" * 10_000, b"NaN", b"-Infinity", b'{"a":1,"a":2}',
            "\ufeff{}".encode(), "{}".encode("utf-16"), chance.randbytes(chance.randrange(200)),
        ]
    )  # fmt: skip


def _headers(chance: random.Random) -> dict[str, str]:
    kind = chance.choice(
        [
            "application/json", "application/json; charset=utf-16", "text/plain", "", "multipart/form-data",
            "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "a/b/c", "application/xml+json",
        ]
    )  # fmt: skip
    return {"Content-Type": kind}


def _multipart(path: str, chance: random.Random) -> Attempt:
    config = {
        "namespace": "hostile", "table_name": f"t{chance.randrange(20)}", "head": 1, "partition": 4, "work_mode": 0,
        "drop": 1,
    }  # fmt: skip
    for _ in range(chance.randrange(3)):
        config = spoil(config, chance)
        if not isinstance(config, dict):
            config = {"namespace": config}
    from urllib.parse import quote, urlencode

    query = (
        quote(json.dumps(config))
        if chance.random() < 0.5
        else urlencode({k: str(v) for k, v in config.items()}, errors="surrogatepass")
    )
    content = chance.choice(
        [b"id,x\n1,2\n", b"", b"\xff\xfe\x00", b"\n" * 1000, chance.randbytes(500)]
    )
    name = chance.choice(["a.csv", "", "../x", "\x00", "a" * 3000, 'q".csv'])
    body = (
        b'--b\r\nContent-Disposition: form-data; name="'
        + chance.choice([b"file", b"file", b"file", b"other", b""])
        + b'"; filename="'
        + name.encode()
        + b'"\r\n\r\n'
        + content
        + chance.choice([b"\r\n--b--\r\n", b"\r\n--b--\r\n", b"\r\n--b", b""])
    )
    return Attempt(
        "POST", f"{path}?{query}", body, {"Content-Type": "multipart/form-data; boundary=b"}
    )
