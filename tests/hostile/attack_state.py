"""A state whose files were damaged: the server starts, or says in one sentence why it does not."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import tempfile
from pathlib import Path

from flowkit import OperationError
from flowkit_mockserver import MockServer, StoreInUse
from flowkit_mockserver.store import StateDamaged
from tests.hostile.attack_requests import CONF, DSL
from tests.hostile.finding import Finding

__all__ = ["attack"]

DATABASE = "flowkit-mock.sqlite3"


def attack(seed: int, count: int) -> Finding:
    """Damage a state in `count` ways and start a server on each."""
    found = Finding("damaged state", count)
    chance = random.Random(seed)
    started = 0
    with tempfile.TemporaryDirectory() as name:
        good = Path(name, "good")
        _make(good)
        for number in range(count):
            bad = Path(name, "bad")
            shutil.copytree(good, bad)
            how = _damage(bad, chance)
            try:
                with MockServer(data=bad) as mock, mock.client() as flow:
                    flow.remote_version.fate()
                    # What is damaged within a document shows when it is asked for.
                    with contextlib.suppress(OperationError):
                        flow.job.list(10)
                started += 1
            except (StateDamaged, StoreInUse, OSError) as error:
                if "\n" in str(error) or not str(error):
                    found.faults.append(f"{number} {how}: {error!r}")
            # Anything else would be a traceback.
            except Exception as error:
                found.faults.append(f"{number} {how}: {error!r}")
            shutil.rmtree(bad)
    found.detail = f"{started} started all the same"
    return found


def _make(folder: Path) -> None:
    with MockServer(data=folder) as mock:
        http = mock.app.test_client()
        for _ in range(3):
            http.post("/v1/job/submit", json={"job_dsl": DSL, "job_runtime_conf": CONF})
        http.post("/v1/model/tag/create", json={"tag_name": "a"})
        mock.state.store.blobs.write("model", b"content")


def _damage(folder: Path, chance: random.Random) -> str:
    file = folder / DATABASE
    kind = chance.choice(["bytes", "cut", "empty", "text", "documents", "leftover", "missing"])
    content = bytearray(file.read_bytes())
    if kind == "bytes":
        for _ in range(chance.randrange(1, 50)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        file.write_bytes(content)
    elif kind == "cut":
        file.write_bytes(content[: chance.randrange(len(content))])
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "text":
        file.write_text("not a database at all\n" * 100)
    elif kind == "documents":
        database = sqlite3.connect(file)
        keys = database.execute("SELECT position, document FROM flowkit_documents").fetchall()
        position, text = chance.choice(keys)
        document = chance.choice(
            ["{", "[]", "null", "{}", json.dumps({"text": 1}), text[:-9], "\ufffd"]
        )
        database.execute(
            "UPDATE flowkit_documents SET document = ? WHERE position = ?", (document, position)
        )
        database.commit()
        database.close()
        return f"documents: {text[:40]} is {document[:40]}"
    elif kind == "leftover":
        (folder / "spool" / "folder").mkdir()
        (folder / "spool" / "folder" / "file").write_text("x")
        (folder / "blobs" / ".new-abc").write_text("x")
        (folder / "blobs" / "folder").mkdir()
        (folder / "unknown").write_text("x")
    else:
        shutil.rmtree(folder / "spool")
        shutil.rmtree(folder / "blobs")
    return kind
