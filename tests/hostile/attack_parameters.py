"""Jobs with parameters and tables that no training can use: each is refused or ends, with a reason, within its time."""

from __future__ import annotations

import json
import logging
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from flowkit.servers import LINES
from flowkit_mockserver import ServerState, Settings, create_app
from flowkit_mockserver.kinds.kind import Kind
from flowkit_mockserver.kinds.lookup import all_kinds
from tests.hostile.client.watching import Memory
from tests.hostile.finding import Finding
from tests.hostile.served import multipart
from tests.hostile.values import VALUES, spoil

__all__ = ["attack"]

LONGEST = 10  # seconds for one job, on a busy machine
MOST_MEMORY = 400 * 1024**2  # of one job, libraries that it imports included
#: Parameters that say how long to go on: a large number there is a long training, and no attack.
LONG = frozenset(
    ("max_iter", "epochs", "num_trees", "max_depth", "nfold_times", "n_splits", "max_step", "k", "interactive_layer_lr",
     "aggregate_every_n_epoch", "n_iter_no_change", "update_interval_n", "nv", "max_outer", "seed")
)  # fmt: skip
ALONE = frozenset(
    ("Reader", "Upload", "Download", "ModelLoader", "ModelStore", "ModelRestore", "CacheLoader")
)
CELLS = ("", " ", "nan", "NaN", "inf", "-inf", "1e308", "1e400", "-0", "0x1", "1_0", "٣", "\x00", "é", "a" * 3000,
         "None", "true", "1:2:3", "1:", ":", "\ufeff1", "'", "\u202e", "1e-320", "9" * 400)  # fmt: skip


#: What the text of an error never says on the real server.
OWN_WORDS = (
    "flowkit",
    "sqlite3",
    "RecursionError",
    "MemoryError",
    "AssertionError",
    "SystemError",
    "numpy",
    "<lambda>",
)


class TookTooLong(BaseException):
    """A job took longer than any may."""


def attack(seed: int, count: int) -> Finding:
    """Run `count` jobs, each a reader, a transformation and one of the kinds."""
    found = Finding("parameters and tables", count)
    outcomes: Counter[str] = Counter()
    longest, most = 0.0, 0
    kinds = [kind for kind in all_kinds() if kind.name not in ALONE and kind.extra != "nn"]
    versions = [line.name for line in LINES]
    logger, surprises = logging.getLogger("flowkit_mockserver"), _Surprises()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(surprises)
    before = signal.signal(signal.SIGALRM, _interrupt)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for start in range(0, count, 60):
                version = versions[(start // 60) % len(versions)]
                state = ServerState(
                    Settings(fate_version=version, keep_jobs=20), scratch=Path(folder, str(start))
                )
                http = create_app(state).test_client()
                for number in range(start, min(start + 60, count)):
                    chance = random.Random(f"{seed}/{number}")
                    kind = kinds[number % len(kinds)]
                    begun = time.perf_counter()
                    signal.alarm(LONGEST)
                    try:
                        with Memory() as memory:
                            what, outcome = _run(http, chance, kind, version)
                        if surprises.places:
                            outcome = f"fault: {'; '.join(surprises.places)}"
                            surprises.places.clear()
                        if outcome.startswith("fault"):
                            found.faults.append(f"{number} {outcome}: {what}")
                    except TookTooLong as error:
                        outcome = "fault: too long"
                        found.faults.append(
                            f"{number} {version} {kind.name} took too long at {error}"
                        )
                        break  # what was interrupted is in no state to go on
                    finally:
                        signal.alarm(0)
                    if memory.most > MOST_MEMORY:
                        found.faults.append(f"{number} {memory.most >> 20} MB: {what}")
                    outcomes[outcome.partition(":")[0]] += 1
                    longest, most = (
                        max(longest, time.perf_counter() - begun),
                        max(most, memory.most),
                    )
                state.close()
    finally:
        signal.signal(signal.SIGALRM, before)
        logger.removeHandler(surprises)
        logger.propagate = propagate
    told = ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items()))
    found.detail = f"at most {longest:.1f} s, {most >> 20} MB; {told}"
    return found


class _Surprises(logging.Handler):
    """Keeps where a server was surprised: what it logs with the way to it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.places: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the place and the text."""
        if record.exc_info and (error := record.exc_info[1]) is not None:
            frames = [
                f
                for f in traceback.extract_tb(error.__traceback__)
                if "flowkit_mockserver" in f.filename
            ]
            where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[:-4:-1])
            self.places.append(f"{error!r:.200} at {where}")


def _interrupt(number: int, frame: FrameType | None) -> None:
    names = []
    while frame is not None:
        if "flowkit_mockserver" in frame.f_code.co_filename:
            names.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
        frame = frame.f_back
    raise TookTooLong(" < ".join(names[:6]))


def _run(http: Any, chance: random.Random, kind: Kind, version: str) -> tuple[str, str]:
    """Upload two tables, run a job on them, and return what it was and how it went."""
    tables = [_table(chance, with_label) for with_label in (True, False)]
    for name, text in zip(("guest", "host"), tables, strict=True):
        query = f"namespace=odd&table_name={name}&head={chance.choice((1, 1, 1, 0))}&partition=3&work_mode=0&drop=1"
        body, content_type = multipart(text)
        http.post(f"/v1/data/upload?{query}", data=body, content_type=content_type)
    dsl, conf = _job(chance, kind, version)
    what = f"{version} {kind.name} {json.dumps(conf['component_parameters']['common'])[:700]} {tables[0][:150]!r}"
    sent = {"job_dsl": dsl, "job_runtime_conf": conf, "dsl": dsl, "runtime_conf": conf}
    answer = http.post("/v1/job/submit", json=sent)
    if answer.status_code >= 500:
        return what, f"fault: HTTP {answer.status_code} {answer.data[:200]!r}"
    if "jobId" not in answer.json or answer.json["retcode"] != 0:
        text = str(answer.json.get("retmsg"))
        return what, f"fault: refused with {text!r}" if not text.strip() or _own(
            text
        ) else "refused"
    job_id = answer.json["jobId"]
    wanted = {"job_id": job_id, "role": "guest", "party_id": 7001}
    status = http.post("/v1/job/query", json=wanted).json["data"][0]["f_status"]
    if status not in ("success", "failed"):
        return what, f"fault: ended as {status}"
    tasks = http.post("/v1/job/task/query", json=wanted).json["data"]
    for row in tasks:
        report = str(row.get("f_error_report") or "")
        if _own(report):
            return what, f"fault: {report[-300:]!r}"
    for path in ("metric/all", "output/model", "parameters"):
        for name in ("data_0", "it_0"):
            asked = http.post(
                f"/v1/tracking/component/{path}", json={**wanted, "component_name": name}
            )
            if asked.status_code >= 500:
                return what, f"fault: {path} of {name} {asked.status_code} {asked.data[:300]!r}"
    return what, str(status)


def _own(text: str) -> bool:
    """Return whether a text tells of a fault that the real server has no such place for."""
    return any(word in text for word in OWN_WORDS)


def _job(chance: random.Random, kind: Kind, version: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the DSL and the conf of a job with one component of a kind."""
    module = "DataTransform" if version in ("1.9", "1.10", "1.11") else "DataIO"
    components: dict[str, Any] = {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_0": {
            "module": module,
            "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]},
        },
    }
    source = "data_0.data"
    if chance.random() < 0.8 and not kind.name.startswith("Homo"):
        components["match_0"] = {
            "module": "Intersection",
            "input": {"data": {"data": [source]}},
            "output": {"data": ["data"]},
        }
        source = "match_0.data"
    key = chance.choice(("data", "train_data", "train_data"))
    data: dict[str, Any] = {key: [source]}
    if chance.random() < 0.2:
        data["validate_data"] = [source]
    components["it_0"] = {
        "module": kind.name,
        "input": {"data": data},
        "output": {"data": ["data"], "model": ["model"]},
    }
    given = _parameters(chance, kind)
    parties = {"guest": [7001], "host": [7002], "arbiter": [7002]}
    conf = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 7001},
        "role": parties,
        "job_parameters": {"common": {"work_mode": 0, "backend": 0}},
        "component_parameters": {
            "common": {"it_0": given, "data_0": _readings(chance)},
            "role": {
                role: {
                    "0": {
                        "reader_0": {"table": {"name": role, "namespace": "odd"}},
                        "data_0": {"with_label": role == "guest"},
                    }
                }
                for role in ("guest", "host")
            },
        },
    }
    return {"components": components}, conf


def _parameters(chance: random.Random, kind: Kind) -> Any:
    """Return parameters of a kind, a few of which are odd."""
    short = {
        name: 2
        for name in ("max_iter", "epochs", "num_trees", "max_depth")
        if name in kind.defaults
    }
    paths = list(_paths(kind.defaults))
    given: dict[str, Any] = dict(short)
    for path in chance.sample(paths, min(len(paths), chance.choice((0, 1, 1, 1, 2, 4)))):
        if path[-1] in LONG:
            continue
        at = given
        for name in path[:-1]:
            inner = at.get(name)
            at[name] = at = inner if isinstance(inner, dict) else {}
        at[path[-1]] = chance.choice(
            (*VALUES, 2, 3, 7, 0.1, 1000, 100_000, "all", -1, [0], ["x0"], [[1, 2]], {"x0": 1})
        )
    if chance.random() < 0.97:
        return given
    spoilt = spoil(given, chance)
    return {**spoilt, **short} if isinstance(spoilt, dict) else spoilt


def _paths(defaults: Any, start: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in defaults.items():
        yield (*start, name)
        if isinstance(value, dict):
            yield from _paths(value, (*start, name))


def _readings(chance: random.Random) -> dict[str, Any]:
    """Return how a table is read, mostly as it should be."""
    if chance.random() < 0.75:
        return {"output_format": "dense"}
    names = {
        "input_format": ("dense", "sparse", "tag", "x", None, 0),
        "data_type": ("float64", "float", "int", "int64", "str", "long", "x", 3),
        "label_type": ("int", "float", "str", "x", None),
        "missing_fill": (True, False, "x", 3),
        "missing_fill_method": ("min", "max", "mean", "designated", "x", None),
        "missing_impute": (["", "nan"], "x", [None], [[]], {"a": 1}),
        "default_value": (0, "x", [1], float("nan"), 10**400, None),
        "outlier_replace": (True, False),
        "outlier_impute": ([""], ["1"], "x", None),
        "delimitor": (",", "", ";", ",,", "\x00", None, 0),
        "tag_with_value": (True, False, 1),
        "tag_value_delimitor": (":", "", None),
        "exclusive_data_type": ({"x0": "str"}, {"zz": "int"}, "x", {"x0": 1}),
        "label_name": ("y", "x0", "zz", "", None, 0),
        "with_match_id": (True, "x"),
        "output_format": ("dense", "sparse", "x"),
        "need_run": (True, False, "x"),
    }
    return {
        name: chance.choice(names[name]) for name in chance.sample([*names], chance.randrange(1, 5))
    }


def _table(chance: random.Random, label: bool) -> bytes:
    """Return a CSV file: as it should be, or ragged, empty, of another encoding, with odd cells."""
    columns = [
        "id",
        *(["y"] if label else []),
        *(f"x{i}" for i in range(chance.choice((1, 3, 3, 3, 40, 0)))),
    ]
    rows = chance.choice((30, 30, 30, 1, 2, 0, 300))
    lines = [
        [str(number), *([str(number % chance.choice((2, 2, 2, 1, 5)))] if label else [])]
        + [f"{chance.gauss(0, 1):.3f}" for _ in columns[1 + label :]]
        for number in range(rows)
    ]
    kind = chance.random()
    if kind < 0.25 and lines:
        for _ in range(chance.randrange(1, 10)):
            line = chance.choice(lines)
            line[chance.randrange(len(line))] = chance.choice(CELLS)
    elif kind < 0.35 and lines:
        for line in chance.sample(lines, min(len(lines), 3)):
            del line[chance.randrange(len(line)) :]
    elif kind < 0.4:
        columns[chance.randrange(len(columns))] = chance.choice((*CELLS, "id", "y", "x0"))
    elif kind < 0.45 and columns:
        place = chance.randrange(len(columns))
        value = chance.choice(("0", "1", "", "nan", "1e308", "-1e308", "5e-324"))
        for line in lines:
            line[place : place + 1] = [value]
    text = "".join(
        ",".join(line) + chance.choice(("\n", "\n", "\r\n")) for line in (columns, *lines)
    )
    if kind > 0.95:
        return chance.choice(
            (b"", b"\n", b"\x00" * 500, text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), b"id\xff,y\n1,2\n",
             text.replace(",", ";").encode(), text.rstrip("\n").encode(), b"\n\n" + text.encode(), b'"id,y\n1,"2\n')
        )  # fmt: skip
    return text.encode("utf-8", "surrogatepass")
