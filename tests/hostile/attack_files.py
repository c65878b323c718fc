"""Files that were damaged, or say what no such file says: each is used, or refused in one sentence that names it."""

from __future__ import annotations

import json
import logging
import os
import random
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from flowkit import FlowClient, FlowError
from flowkit.config import CONFIG, PROFILE, read_config
from flowkit.demo.steps import DATA
from flowkit_fault_rules import read_rules
from flowkit_mockserver import Settings
from flowkit_mockserver.control.snapshots.snapshot import SnapshotError
from flowkit_mockserver.seeding.seeds import SeedError, seed_snapshot
from flowkit_replay import Replay
from tests.hostile.client.attack_envelopes import Answers
from tests.hostile.client.watching import Memory
from tests.hostile.finding import Finding
from tests.hostile.values import VALUES, spoil

__all__ = ["attack"]

LONGEST = 5.0  # seconds for one file
MOST_MEMORY = 120 * 1024**2
LONGEST_TEXT = 6000  # characters of an error, in which the system may name a file
#: Keys that only YAML has, and values whose type no JSON has.
KEYS: tuple[Any, ...] = (
    1,
    None,
    True,
    1.5,
    "",
    "a" * 3000,
    "\x00",
    "__class__",
    "é",
    "\u202e",
    ("a", 1),
)
BYTES = (
    b"", b"\x00" * 100, b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b"{" * 5000, b"- " * 30_000, b"a" * 100_000,
    b"&a [*a]", b"!!python/object/apply:os.getcwd []", b"!!binary x", b"<<: 1", b"? [a]\n: 1", b"2021-01-01",
    b"a: b: c", b"'", b"%YAML 9.9\n---\n{}", b"{}\n---\n{}", b"\t- a", b"[[[]]]", b"1" * 5000,
    b'{"a": ' + b"1" * 5000 + b"}",
    b"0x" + b"f" * 5000, b"x = 0x" + b"f" * 5000, b"timeout = 0x" + b"f" * 5000, b"a = " + b"[" * 3000,
    b"a" + b".a" * 3000 + b" = 1",
    "{}".encode("utf-16"), "{}".encode("utf-32"), b'"\\ud800"', b"NaN", b"!!float nan", b"a: 1e400", b"[a]\n[a]",
    b"a = 1\na = 2",
)  # fmt: skip

Use = Callable[[Path], object]


def attack(seed: int, count: int) -> Finding:
    """Have `count` odd files read, of each kind in turn."""
    found = Finding("odd files", count)
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    logger, before = logging.getLogger("flowkit_mockserver"), dict(os.environ)
    logger.setLevel(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory() as folder, Memory() as memory, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _prepare(Path(folder))
            kinds = _kinds(Path(folder))
            for number in range(count):
                name, suffix, good, use = kinds[number % len(kinds)]
                chance = random.Random(f"{seed}/{number}")
                path = Path(folder, f"odd{suffix}")
                content, how = _spoilt(chance, good, suffix)
                path.write_bytes(content)
                what = f"{seed}/{number} {name}{suffix}, {how}: {content[:300]!r}"
                began = time.perf_counter()
                try:
                    use(path)
                    outcome = "used"
                except (FlowError, SeedError, SnapshotError) as error:
                    outcome = type(error).__name__
                    if fault := _fault(str(error)):
                        found.faults.append(f"{fault} {str(error)[:300]!r}: {what}")
                except Exception as error:  # every escape is what is looked for
                    outcome = "escaped"
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    ours = [
                        f
                        for f in traceback.extract_tb(error.__traceback__)
                        if "site-packages" not in f.filename
                    ]
                    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} ({Path(where.filename).name})"
                    found.faults.append(f"{error!r:.120} at {place}: {what}")
                took = time.perf_counter() - began
                slowest = max(slowest, took)
                if took > LONGEST:
                    found.faults.append(f"{outcome} after {took:.1f} s: {what}")
                outcomes[f"{name} {outcome}"] += 1
                path.unlink()
            if memory.most > MOST_MEMORY:
                found.faults.append(f"{memory.most >> 20} MB of memory")
    finally:
        os.environ.clear()
        os.environ.update(before)
        logger.setLevel(logging.NOTSET)
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {slowest:.2f} s; {told}"
    return found


def _fault(text: str) -> str:
    """Return what is wrong with the text of an error; empty when nothing is."""
    if not text.strip():
        return "says nothing"
    if len(text) > LONGEST_TEXT:
        return f"says {len(text)} characters"
    if "has no attribute" in text or "not subscriptable" in text or "not iterable" in text:
        return "says what Python says"
    return ""


def _prepare(folder: Path) -> None:
    (folder / "t.csv").write_text("id,y,x\n1,0,2\n2,1,3\n")
    for name in ("train_conf", "train_dsl"):
        (folder / f"{name}.json").write_bytes((DATA / f"{name}.json").read_bytes())


def _kinds(folder: Path) -> list[tuple[str, str, Any, Use]]:
    """Return what files there are: name, suffix, a good one and how it is used."""
    table = {"namespace": "n", "name": "t", "rows": ["id,x", "1,2"], "head": 1, "partition": 4}
    seed = {
        "tables": [table, {"namespace": "n", "name": "u", "file": "t.csv"}],
        "tags": [{"name": "a", "description": "b"}],
        "jobs": [
            {"conf": "train_conf.json", "dsl": "train_dsl.json", "status": "failed", "tags": []}
        ],
        "models": [
            {"file": "m.zip", "role": "guest", "party_id": 1, "model_id": "m", "model_version": 1}
        ],
    }
    small = {"tables": seed["tables"], "tags": seed["tags"]}
    rule = {
        "fault": "status",
        "status": 503,
        "match": "job/*",
        "times": 2,
        "probability": 0.5,
        "nth": [1, 2],
        "seconds": 1,
    }
    stage = {
        "component": "lr_0",
        "wait": 1,
        "seconds": {"uniform": [1, 2]},
        "times": 1,
        "lose": True,
    }
    rules = {
        "seed": 1,
        "rules": [rule, {"fault": "flood"}, {"fault": "delay", "seconds": 1}],
        "stages": [stage],
    }
    settings = {
        "url": "http://127.0.0.1:1", "server": "1.11", "timeout": 3, "connections": 2, "answer_limit": 100,
        "proxy": "",
        "download_limit": 100, "verify": True, "plugins": ["logging"], "plugin": {"cache": {"ttl": 1}},
        "mock": {"port": 1},
        "profiles": {"p": {"timeout": [1, 2]}},
    }  # fmt: skip
    answer = json.dumps({"retcode": 0, "retmsg": "success", "data": [{"f_status": "success"}]})
    headers = {"Content-Type": ["application/json"]}
    uri, body = "http://127.0.0.1:1/v1/job/query", '{"job_id": "7"}'
    status = {"code": 200, "message": "OK"}
    interaction = {
        "request": {"method": "POST", "uri": uri, "body": body, "headers": headers},
        "response": {"status": status, "headers": headers, "body": {"string": answer}},
    }
    cassette = {
        "interactions": [interaction, interaction],
        "version": 1,
        "metadata": {"recorded_at": "2021-01-01"},
    }
    conf, dsl = (json.loads((DATA / f"train_{name}.json").read_text()) for name in ("conf", "dsl"))
    kinds: list[tuple[str, str, Any, Use]] = []
    for suffix in (".yaml", ".json"):
        kinds.append(("seed", suffix, small, _seed))
        kinds.append(("seed of a cassette", suffix, cassette, _seed))
        kinds.append(("cassette", suffix, cassette, _play))
        kinds.append(("rules", suffix, rules, read_rules))
    kinds.append(("seed with jobs", ".json", seed, _seed))
    kinds.append(("rules", ".toml", rules, read_rules))
    kinds.append(("settings", ".toml", settings, _configure))
    kinds.append(("settings", ".toml", settings, _configure))
    kinds.append(("conf", ".json", conf, lambda path: _submit(path, folder / "train_dsl.json")))
    kinds.append(("dsl", ".json", dsl, lambda path: _submit(folder / "train_conf.json", path)))
    return kinds


def _seed(path: Path) -> None:
    seed_snapshot(Settings(seed_data=(path,)))


def _play(path: Path) -> None:
    with FlowClient("127.0.0.1", 1, plugins=[Replay(path, "none")]) as flow:
        flow.job.query(7)


def _configure(path: Path) -> None:
    os.environ[CONFIG] = str(path)
    try:
        for profile in ("", "p"):
            os.environ[PROFILE] = profile
            read_config().effective()
            FlowClient().close()
    finally:
        os.environ[CONFIG] = os.environ[PROFILE] = ""


def _submit(conf: Path, dsl: Path) -> None:
    from flowkit import Response

    answer = b'{"retcode": 0, "retmsg": "success", "jobId": "7", "data": {}}'
    response = Response(200, {"Content-Type": "application/json"}, answer)
    with FlowClient("127.0.0.1", 1, plugins=[Answers(lambda: response)]) as flow:
        flow.job.submit(conf, dsl)
        flow.data.upload(conf)
        flow.model.load(conf)


def _spoilt(chance: random.Random, good: Any, suffix: str) -> tuple[bytes, str]:
    """Return the content of a file, and what was done to it."""
    kind = chance.random()
    if kind < 0.12:
        return chance.choice(BYTES), "bytes"
    if kind < 0.3:
        content = bytearray(_written(good, suffix))
        for _ in range(chance.randrange(1, 9)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content), "bits"
    if kind < 0.36:
        content = bytearray(_written(good, suffix))
        return bytes(content[: chance.randrange(len(content))]), "cut"
    value = good
    for _ in range(chance.randrange(1, 5)):
        value = spoil(value, chance)
    if chance.random() < 0.25:
        value = _rename(value, chance)
    return _written(value, suffix), "spoilt"


def _rename(value: Any, chance: random.Random) -> Any:
    """Return a value in which a key was replaced, maybe by one that is no text."""
    if isinstance(value, dict) and value:
        name = chance.choice(list(value))
        if chance.random() < 0.4:
            return {
                (chance.choice(KEYS) if key == name else key): item for key, item in value.items()
            }
        return {key: _rename(item, chance) if key == name else item for key, item in value.items()}
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        return [_rename(item, chance) if at == place else item for at, item in enumerate(value)]
    return chance.choice(VALUES)


def _written(value: Any, suffix: str) -> bytes:
    if suffix == ".yaml":
        text: str = yaml.dump(value, allow_unicode=True)
        return text.encode("utf-8", "surrogatepass")
    if suffix == ".toml":
        return _toml(value).encode("utf-8", "surrogatepass")
    return json.dumps(_texts(value)).encode()


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _texts(item) for key, item in value.items()}
    return [_texts(item) for item in value] if isinstance(value, list | tuple) else value


def _toml(value: Any) -> str:
    """Return a document of TOML, all of whose tables stand in one line each."""
    if not isinstance(value, dict):
        return f"x = {_inline(value)}\n"
    return "".join(f"{json.dumps(str(key))} = {_inline(item)}\n" for key, item in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(key))} = {_inline(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return '""'
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)
