"""Configurations and DSLs: files and mappings."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from flowkit import ArgumentError, CassetteError, PluginError
from flowkit.inputs import documents
from flowkit.inputs.arguments import path
from flowkit.inputs.documents import (
    Document,
    configuration,
    load,
    local_file,
    pick,
    read_whole_file,
)
from flowkit_fault_files import read_rule_file
from flowkit_mockserver.control.snapshots.snapshot import Snapshot
from flowkit_mockserver.seeding.documents import SeedError, parse_document
from flowkit_replay.cassette.files import read

ENDLESS = Path("/dev/zero")
TOO_LARGE = "larger than 64 MiB, as no such file is"
needs_device = pytest.mark.skipif(not ENDLESS.exists(), reason="this system has no /dev/zero")


def test_a_file_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "conf.json"
    file.write_text('\ufeff{"dsl_version": 2}', encoding="utf-8")
    assert load("conf_path", file).data == load("conf_path", {"dsl_version": 2}).data
    assert load("conf_path", str(file)).file == file


def test_a_mapping_is_never_changed() -> None:
    conf = {"party_id": 9999, "output_path": "out"}
    configuration("conf_path", conf)
    assert conf == {"party_id": 9999, "output_path": "out"}


def test_ids_are_sent_as_text_and_the_output_path_is_absolute() -> None:
    conf = {"party_id": 9999, "job_id": 12, "model_version": 34, "output_path": "out", "head": 1}
    assert configuration("conf_path", conf).data == {
        "party_id": "9999",
        "job_id": "12",
        "model_version": "34",
        "output_path": os.path.abspath("out"),
        "head": 1,
    }


def test_a_mistake_in_json_is_located(tmp_path: Path) -> None:
    file = tmp_path / "conf.json"
    file.write_text('{\n  "role": {"guest": [1],}\n}')
    with pytest.raises(ArgumentError) as caught:
        load("conf_path", file)
    message = str(caught.value)
    assert message.startswith(f"conf_path {str(file)!r} is not JSON: line 2, column ")
    assert message.endswith("""in '"role": {"guest": [1],}'""")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[1, 2]", "must hold a JSON object, .*, not list"),
        (b"", "is not JSON: line 1, column 1"),
        (b"\xff\xfe", "is not UTF-8 text: .* at byte 0"),
        (b'{"a":' + b"[" * 200_000, "is nested too deeply"),
        (b'{"a":' + b"1" * 5000 + b"}", "cannot be read: Exceeds the limit"),
    ],
)
def test_files_that_are_no_documents(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "dsl.json"
    file.write_bytes(content)
    with pytest.raises(ArgumentError, match=problem) as caught:
        load("dsl_path", file)
    assert caught.value.argument == "dsl_path"


def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(ArgumentError, match="cannot be read: it is larger than 64 MiB"):
        load("dsl_path", "/dev/zero")


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="does not exist; the current directory is"):
        load("conf_path", "nosuch.json")
    with pytest.raises(ArgumentError, match="cannot be read: Is a directory"):
        load("conf_path", tmp_path)


@pytest.mark.parametrize("wrong", ["", 5, ["conf.json"], '{"dsl_version": 2}', "a\0b"])
def test_what_is_neither_path_nor_mapping(wrong: object) -> None:
    with pytest.raises(ArgumentError, match=r"^conf_path "):
        load("conf_path", wrong)  # type: ignore[arg-type]


def test_one_of_two_names_is_enough() -> None:
    assert pick("conf_path", None, "config_data", {"a": 1}) == ("config_data", {"a": 1})
    with pytest.raises(ArgumentError, match="conf_path and config_data are the same argument"):
        pick("conf_path", "a.json", "config_data", {})
    with pytest.raises(ArgumentError, match="conf_path is missing; it must be the path"):
        pick("conf_path", None, "config_data", None)


def test_a_relative_file_counts_from_the_configuration_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "loan.csv").write_text(folder.name)
    (there / "conf.json").write_text(json.dumps({"file": "loan.csv"}))
    monkeypatch.chdir(here)
    assert local_file(load("conf_path", there / "conf.json")).read_text() == "there"
    assert local_file(load("conf_path", {"file": "loan.csv"})).read_text() == "here"
    (there / "loan.csv").unlink()
    assert local_file(load("conf_path", there / "conf.json")).read_text() == "here"


def test_a_file_that_is_nowhere_is_named_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    conf = tmp_path / "conf" / "upload.json"
    conf.write_text('{"file": "loan.csv"}')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError) as caught:
        local_file(load("conf_path", conf))
    assert repr(str(tmp_path / "conf" / "loan.csv")) in str(caught.value)
    assert repr(str(tmp_path / "loan.csv")) in str(caught.value)


@pytest.mark.parametrize("file", [None, "", 5])
def test_a_configuration_without_a_file(file: object) -> None:
    problem = "is missing; it must be" if file is None else "must be"
    with pytest.raises(ArgumentError, match=f"file in conf_path {problem} the path"):
        local_file(Document("conf_path", {"file": file}, ""))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="is not a file"):
        local_file(Document("conf_path", {"file": str(tmp_path)}, ""))


@pytest.fixture
def deleted_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a directory that has been deleted."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()


@pytest.mark.usefixtures("deleted_directory")
def test_nothing_relative_is_found_where_the_current_directory_has_been_deleted() -> None:
    with pytest.raises(
        ArgumentError, match=r"'conf\.json' does not exist; the current directory has"
    ):
        load("conf_path", "conf.json")
    absolute = r"must be an absolute path: got 'out'; the current directory has been deleted"
    with pytest.raises(ArgumentError, match=f"^output_path in config_data {absolute}"):
        configuration("config_data", {"output_path": "out"})
    with pytest.raises(ArgumentError, match=f"^output_path {absolute}"):
        path("output_path", "out")
    with pytest.raises(ArgumentError, match=r"must be an absolute path: got 'table\.csv'"):
        local_file(load("conf_path", {"file": "table.csv"}))


def test_a_document_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 4)
    file = tmp_path / "a.json"
    file.write_bytes(b"1234")
    assert read_whole_file(file) == b"1234"

    file.write_bytes(b"12345")
    with pytest.raises(OSError, match="larger than 0 MiB") as refused:
        read_whole_file(file)
    assert (refused.value.errno, refused.value.filename) == (errno.EFBIG, str(file))


def test_a_regular_file_may_be_of_any_size_where_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LARGEST", 4)
    file = tmp_path / "cassette.yaml"
    file.write_bytes(b"12345")
    assert read_whole_file(file, any_size=True) == b"12345"


@needs_device
def test_whatever_reads_a_file_refuses_one_that_never_ends() -> None:
    with pytest.raises(PluginError, match=TOO_LARGE):
        read_rule_file(ENDLESS)
    with pytest.raises(SeedError, match=TOO_LARGE):
        parse_document(ENDLESS)
    with pytest.raises(CassetteError, match=TOO_LARGE):
        read(ENDLESS)
    with pytest.raises(OSError, match=TOO_LARGE):
        Snapshot.load(ENDLESS)
