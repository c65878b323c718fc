"""Arguments of every method that are of no kind it takes: each is sent, or refused in a sentence."""

from __future__ import annotations

import inspect
import random
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowkit import FlowClient, FlowError, Response
from tests.hostile.client.attack_envelopes import Answers
from tests.hostile.client.watching import ManualTime, Memory
from tests.hostile.finding import Finding
from tests.hostile.values import VALUES

__all__ = ["attack"]

LONGEST = 5.0  # seconds for one call
LONGEST_TEXT = 6000  # characters of an error
MOST_MEMORY = 250 * 1024**2
ANSWER = b'{"retcode": 0, "retmsg": "success", "data": {}, "jobId": "7"}'


class _Unshowable:
    """What cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no text")


def _odd_values() -> list[Any]:
    """Return values that no argument has."""
    endless: list[Any] = []
    endless.append(endless)
    loop: dict[str, Any] = {}
    loop["a"] = loop
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    return [
        *VALUES,
        10**5000, -(10**5000), _Unshowable(), endless, loop, deep, {"a": deep}, b"x", b"\xff", {1: 2}, {(1, 2): 3},
        set(), object(), int, iter([1]), 1j, "x" * 10**6, {"a": _Unshowable()}, {"a": 10**5000}, ("guest", 1),
        "a" * 5000 + "/x", "/dev/null", "/", "/dev/zero", "/proc/self/mem", "~nobodyatall/x", {"file": "/dev/zero"},
        {"output_path": "x" * 5000},
    ]  # fmt: skip


def attack(seed: int, count: int) -> Finding:
    """Call methods of every group with odd arguments, `count` times."""
    found = Finding("odd arguments", count)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, Memory() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flow = _client()
        methods = list(_methods(flow))
        values = _odd_values()
        good = _good(Path(folder))
        for number in range(count):
            chance = random.Random(f"{seed}/{number}")
            name, method, parameters = methods[number % len(methods)]
            given = {
                one.name: good.get(one.name, "x") for one in parameters if one.default is one.empty
            }
            odd = chance.choice(parameters).name
            given[odd] = chance.choice(values)
            what = f"{seed}/{number} {name}({odd}={type(given[odd]).__name__})"
            began = time.perf_counter()
            try:
                method(**given)
                outcome = "sent"
            except FlowError as error:
                outcome = type(error).__name__
                text = f"{error}{error.as_reply()}"
                if len(text) > LONGEST_TEXT:
                    found.faults.append(f"{what}: {len(text)} characters: {text[:200]!r}")
            except Exception as error:  # every escape is what is looked for
                outcome = type(error).__name__
                where = [
                    f
                    for f in traceback.extract_tb(error.__traceback__)
                    if "/flowkit/" in f.filename
                ][-1]
                place = f"{Path(where.filename).name}:{where.lineno}"
                found.faults.append(
                    f"{what}: {type(error).__name__} {str(error)[:80]!r} at {place}"
                )
            took = time.perf_counter() - began
            slowest = max(slowest, took)
            if took > LONGEST:
                found.faults.append(f"{what}: {outcome} after {took:.1f} s")
            outcomes[outcome] += 1
        flow.close()
    if memory.most > MOST_MEMORY:
        found.faults.append(f"{memory.most >> 20} MB of memory")
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {slowest:.2f} s, {memory.most >> 20} MB; {told}"
    return found


def _client() -> FlowClient:
    response = Response(200, {"Content-Type": "application/json"}, ANSWER)
    return FlowClient("127.0.0.1", 1, plugins=[Answers(lambda: response)], clock=ManualTime())


def _good(folder: Path) -> dict[str, Any]:
    """Return an argument of each name that can be used."""
    (folder / "file.csv").write_text("id,x\n1,2\n")
    conf = {"file": str(folder / "file.csv"), "output_path": str(folder / "out")}
    return {
        "job_id": 7, "role": "guest", "party_id": 9999, "component_name": "lr_0", "component": "lr_0", "namespace": "n",
        "name": "t", "table_name": "t", "model_id": "m", "model_version": 8, "output_path": str(folder / "out"),
        "conf_path": conf, "dsl_path": {"a": 1}, "conf": conf, "tag_name": "t", "timeout": 1,
    }  # fmt: skip


def _methods(flow: FlowClient) -> Any:
    """Yield name, function and parameters of every method of every group."""
    for group_name in dir(flow):
        group = getattr(flow, group_name)
        if group_name.startswith("_") or not type(group).__module__.startswith("flowkit.groups"):
            continue
        for name in dir(group):
            method: Callable[..., Any] | None = getattr(group, name)
            if name.startswith("_") or not inspect.ismethod(method):
                continue
            kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
            parameters = [
                one for one in inspect.signature(method).parameters.values() if one.kind in kinds
            ]
            if parameters:
                yield f"{group_name}.{name}", method, parameters
