"""The journal: whole entries count, one process owns it, several write to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import CassetteError
from flowkit_replay.cassette.journal import open_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.yaml"


def test_an_entry_that_was_cut_off_does_not_count(path: Path) -> None:
    journal = open_journal(path)
    journal.open(anew=False)
    assert journal.append("- request:\n    body: a\n")
    journal.close(remove=False)
    with journal.path.open("a") as file:
        file.write("\n- request:\n    body: cut o")
    left = open_journal(path).read_leftover()
    assert left is not None
    assert (left.anew, left.entries) == (False, (b"- request:\n    body: a\n",))


def test_an_entry_behind_one_that_was_cut_off_counts(path: Path) -> None:
    journal = open_journal(path)
    journal.open(anew=True)
    with journal.path.open("a") as file:
        file.write("\n- request:\n    body: cut o")
    journal.append("- request:\n    body: b\n")
    assert list(journal.entries()) == [b"- request:\n    body: b\n"]
    journal.close(remove=True)
    assert open_journal(path).read_leftover() is None


def test_one_owner_at_a_time(path: Path) -> None:
    first, second = open_journal(path), open_journal(path)
    first.open(anew=False)
    with pytest.raises(CassetteError, match="is being recorded by another process or client"):
        second.open(anew=False)
    first.close(remove=True)
    second.open(anew=False)
    second.close(remove=True)


def test_nothing_is_written_to_a_journal_that_was_removed(path: Path) -> None:
    owner, other = open_journal(path), open_journal(path)
    owner.open(anew=True)
    other.join()
    assert other.append("- request:\n")
    owner.close(remove=True)
    assert not other.append("- request:\n")
    other.close(remove=False)


def test_the_bodies_that_entries_name_are_known(path: Path) -> None:
    journal = open_journal(path)
    journal.open(anew=True)
    journal.append(f"- request:\n    headers:\n      X-Flowkit-Body:\n      - {'ab' * 32}\n")
    assert list(journal.names()) == ["ab" * 32]
    journal.close(remove=True)
