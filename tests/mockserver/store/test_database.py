"""The store: what survives, what does not, and who may open it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit_mockserver.store import Store, StoreInUse


def test_a_durable_store_remembers_documents_in_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path)
    jobs = store.collection("jobs")
    jobs["b"] = {"status": "waiting"}
    jobs["a"] = {"status": "waiting"}
    store.commit()
    jobs["b"] = {"status": "running"}
    store.close()

    reopened = Store(tmp_path)
    assert list(reopened.collection("jobs").items()) == [
        ("b", {"status": "running"}),
        ("a", {"status": "waiting"}),
    ]
    reopened.close()


def test_a_deleted_document_stays_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.collection("tags")["gold"] = {}
    store.commit()
    del store.collection("tags")["gold"]
    store.close()

    reopened = Store(tmp_path)
    assert len(reopened.collection("tags")) == 0
    reopened.close()


def test_what_was_not_committed_when_the_process_died_is_gone_as_a_whole(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from flowkit_mockserver.store import Store\n"
        "store = Store(Path(sys.argv[1])); tables = store.collection('tables')\n"
        "tables['kept'] = {'rows': store.rows.write([('a', '1')])[0]}; store.commit()\n"
        "tables['lost'] = {'rows': store.rows.write([('b', '2')])[0]}; os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, env=os.environ)

    store = Store(tmp_path)
    assert list(store.collection("tables")) == ["kept"]
    rows_id = store.collection("tables")["kept"]["rows"]
    assert list(store.rows.read(rows_id)) == [("a", "1")]
    assert store.rows.count(rows_id + 1) == 0
    store.close()


def test_two_servers_cannot_share_a_directory(tmp_path: Path) -> None:
    store = Store(tmp_path)

    with pytest.raises(StoreInUse, match="in use by another server"):
        Store(tmp_path)
    store.close()
    Store(tmp_path).close()


def test_a_private_store_leaves_nothing_behind() -> None:
    store = Store(None)
    home = store.spool.parent
    store.blobs.write("model", b"content")
    store.new_file()

    store.close()

    assert not home.exists()


def test_clear_forgets_for_good(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.collection("jobs")["1"] = {"a": 1}
    rows_id, _ = store.rows.write([("a", "1")])
    store.blobs.write("model", b"content")
    store.commit()

    store.clear()
    assert not store.collection("jobs")
    assert store.rows.count(rows_id) == 0
    store.close()

    reopened = Store(tmp_path)
    assert not reopened.collection("jobs")
    assert list(reopened.blobs) == []
    reopened.close()


def test_sweeping_leaves_the_files_that_are_wanted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    wanted, unwanted = store.new_file(), store.new_file()

    store.sweep({wanted.name})

    assert wanted.exists()
    assert not unwanted.exists()
    store.close()


def test_emptied_documents_and_rows_are_gone_with_the_commit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.collection("jobs")["1"] = {"a": 1}
    store.collection("tags")["1"] = {"b": 2}
    rows_id, _ = store.rows.write([("a", "1")])
    store.commit()

    store.empty()
    store.collection("tags")["2"] = {"c": 3}
    assert (len(store.collection("jobs")), store.rows.count(rows_id)) == (0, 0)
    store.undo()
    assert store.collection("jobs")["1"] == {"a": 1}
    assert store.rows.count(rows_id) == 1

    store.empty()
    store.collection("tags")["2"] = {"c": 3}
    store.close()
    again = Store(tmp_path)
    assert again.names() == ["tags"]
    assert list(again.collection("tags")) == ["2"]
    again.close()
