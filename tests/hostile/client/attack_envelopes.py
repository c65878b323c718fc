"""Answers that are JSON, or nearly, and odd: in every operation, in waiting, in the official SDK's words."""

from __future__ import annotations

import json
import random
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowkit import Call, FlowClient, FlowError, Request, Response, UnknownKey, hookimpl
from tests.hostile.client.operations import operations
from tests.hostile.client.watching import ManualTime
from tests.hostile.finding import Finding

__all__ = ["attack"]

SECRET = "hunter2secret"
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 100, 2**31, 2**63, 2**70, 10**400, 0.0, 0.5, float("nan"),
    float("inf"), "", "0", "success", "failed", "running", "\x00", "\ud800", "é" * 50, "x" * 5000,
    f"token={SECRET}", "2021-01-01", "[ERROR][line:1]: boom",
]  # fmt: skip
KEYS = (
    "f_status", "f_progress", "f_party_status", "f_component_name", "f_role", "f_party_id",
    "f_end_time", "f_error_report", "f_runtime_conf", "f_is_initiator", "job_parameters", "common",
    "model_info", "job_id", "dsl", "runtime_conf", "detail", "retcode", "retmsg", "FATE", "board_url",
    "guest", "9999", "components", "data_list", "dag", "", "x.y/z",
)  # fmt: skip
STATUSES = (200, 200, 200, 200, 200, 201, 204, 210, 302, 400, 401, 403, 404, 429, 500, 502, 503)
LIMIT = 2.0  # seconds that reading one answer may take on a busy machine


class Answers:
    """A plugin in the network's place that answers with what `make` returns."""

    name = "answers"

    def __init__(self, make: Callable[[], Response]) -> None:
        self._make = make

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        """Answer."""
        call.signed(request)
        return self._make()


def attack(seed: int, count: int) -> Finding:
    """Have every operation answered with odd envelopes."""
    found = Finding("odd envelopes", count)
    errors: dict[str, int] = {}
    from time import perf_counter

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownKey)
        uses = operations(Path(folder))
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            style = chance.choice(("raise", "reply", "raise"))
            flow = FlowClient(
                "127.0.0.1",
                plugins=[Answers(lambda chance=chance: _response(chance))],  # type: ignore[misc]
                on_error=style,
                clock=ManualTime(),
            )
            name, use = chance.choice(uses)
            began = perf_counter()
            try:
                reply = use(flow)
                str(reply), repr(reply)
                if isinstance(reply, dict):
                    json.dumps(reply)
                    reply.job_id, reply.model_id, reply.ok, reply.data  # type: ignore[attr-defined]  # noqa: B018
                outcome = "reply"
            except FlowError as error:
                outcome = type(error).__name__
                str(error), error.as_reply()
                if style == "reply":
                    found.faults.append(f"{seed}/{number} {name}: raised {outcome} for a reply")
                if SECRET in str(error):
                    found.faults.append(f"{seed}/{number} {name}: the secret is in {error}")
            except Exception as error:  # every escape is what is looked for
                outcome = type(error).__name__
                where = traceback.extract_tb(error.__traceback__)[-1]
                found.faults.append(
                    f"{seed}/{number} {name}: {outcome}: {str(error)[:60]} at {where.name}:{where.lineno}"
                )
            errors[outcome] = errors.get(outcome, 0) + 1
            if (took := perf_counter() - began) > LIMIT:
                found.faults.append(f"{seed}/{number} {name}: took {took:.1f} s")
    found.detail = ", ".join(f"{name} {times}" for name, times in sorted(errors.items()))
    return found


def _response(chance: random.Random) -> Response:
    headers = {"Content-Type": chance.choice(("application/json", "text/html", "", "x/json"))}
    if chance.random() < 0.1:
        headers["Retry-After"] = chance.choice(
            ("1", "-1", "1e9", "9" * 5000, "²", "Fri, 31 Dec 9999 23:59:59 -2359", "NaN",
             "Mon, 01 Jan 0001 00:00:00 GMT", " ", "\t1\t", "0x10", "Thu, 99 Foo 2020 1:1:1")
        )  # fmt: skip
    if chance.random() < 0.1:
        headers["Content-Disposition"] = chance.choice(("attachment", "", "\x00"))
    return Response(chance.choice(STATUSES), headers, _body(chance))


def _body(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.08:
        depth = chance.choice((50, 99, 101, 200, 900, 1200, 20_000, 200_000))
        inner = chance.choice(('{"a":', "["))
        close = "}" if inner[0] == "{" else "]"
        nest = inner * depth + "1" + close * depth
        return chance.choice(
            (nest, '{"retcode": 0, "data": %s}' % nest, '{"retcode": 1, "retmsg": %s}' % nest)  # noqa: UP031
        ).encode()
    if kind < 0.14:
        return chance.choice(
            (b"", b"null", b"[]", b"{}", b"\xff\xfe", b"\xef\xbb\xbf{}", b"nul", b'{"retcode": 0',
             b'"' + b"\\u" * 99, b'{"retcode": ' + b"9" * 5000 + b"}", b"<title>a</title>",
             b'{"retcode": 0, "retcode": []}', b"-", b"\x00" * 100)
        )  # fmt: skip
    envelope: dict[str, Any] = {"retcode": 0, "retmsg": "success"}
    for field in ("retcode", "retmsg", "jobId", "data", "meta"):
        if chance.random() < (0.25 if field in ("retcode", "retmsg") else 0.6):
            envelope[field] = _value(chance, 4)
    if chance.random() < 0.4:
        envelope["data"] = [_row(chance) for _ in range(chance.randint(0, 3))]
    if chance.random() < 0.05:
        del envelope[chance.choice(list(envelope))]
    return json.dumps(envelope).encode()


def _row(chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return _value(chance, 3)
    row: dict[str, Any] = {
        "f_status": chance.choice(("failed", "success", "running", "canceled", "timeout")),
        "f_party_status": chance.choice(("failed", "success")),
        "f_progress": chance.randint(0, 100),
    }
    for key in chance.sample(KEYS, 4):
        row[key] = _value(chance, 3)
    return row


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth == 0 or kind < 0.5:
        return chance.choice(SCALARS)
    if kind < 0.75:
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return {chance.choice(KEYS): _value(chance, depth - 1) for _ in range(chance.randint(0, 4))}
