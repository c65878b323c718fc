"""What a server starts with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowkit.demo import DATA, steps, upload
from flowkit.testing import cassette
from flowkit_mockserver import MockServer
from flowkit_mockserver.command import mock as command
from flowkit_mockserver.control.snapshots.snapshot import SnapshotError
from flowkit_mockserver.seeding.seeds import SeedError

DOCUMENT = f"""
tables:
  - {{namespace: flowkit_demo, name: guest, file: guest.csv}}
  - {{namespace: flowkit_demo, name: host, file: host.csv, partition: 2}}
  - {{namespace: experiment, name: tiny, rows: ["id,x", "a,1", "b,2"]}}
tags:
  - {{name: gold, description: the best}}
jobs:
  - {{conf: train_conf.json, dsl: train_dsl.json, tags: [gold, silver]}}
  - conf: {json.dumps(json.loads((DATA / "train_conf.json").read_text()))}
    dsl: {{components: {{reader_0: {{module: Reader, output: {{data: [data]}}}}}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("guest.csv", "host.csv", "train_conf.json", "train_dsl.json"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "seed.yaml").write_text(DOCUMENT)
    return tmp_path


def test_a_document_makes_tables_jobs_models_and_tags(folder: Path) -> None:
    with MockServer(seed_data=folder / "seed.yaml") as mock, mock.client() as flow:
        assert flow.table.info("experiment", "tiny").data["count"] == 2
        assert flow.table.info("flowkit_demo", "host").data["partition"] == 2
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["gold", "silver"]
        trained = flow.tag.query("gold", with_model=True).data
        assert len(trained["models"]) == 3
        assert mock.requests("job.submit") == []


def test_other_lines_are_seeded(folder: Path) -> None:
    with MockServer(seed_data=folder / "seed.yaml", fate_version="1.7") as mock:
        assert mock.status()["jobs"] == 5


def test_a_job_that_fails_says_why(folder: Path) -> None:
    with pytest.raises(SeedError) as raised:
        MockServer(seed_data=folder / "seed.yaml", fate_version="1.11")
    assert "jobs, entry 1: " in str(raised.value)
    assert "dataio_0" in str(raised.value)


def test_csv_files_are_tables_by_their_folders(tmp_path: Path) -> None:
    (tmp_path / "seed" / "a" / "b").mkdir(parents=True)
    for place in ("top.csv", "a/one.csv", "a/b/two.csv"):
        (tmp_path / "seed" / place).write_text("id,x\nk,1\n")

    with MockServer(seed_data=tmp_path / "seed") as mock:
        found = {(table.namespace, table.name) for table in mock.state.tables}
    assert found == {("seed", "top"), ("a", "one"), ("a/b", "two")}

    with MockServer(seed_data=str(tmp_path / "seed" / "a" / "one.csv")) as mock:
        assert [(table.namespace, table.name) for table in mock.state.tables] == [("a", "one")]


def test_a_snapshot_comes_first(folder: Path, tmp_path: Path) -> None:
    with MockServer() as mock, mock.client() as flow:
        flow.tag.create("old")
        mock.snapshot().save(tmp_path / "state.json.gz")
    more = tmp_path / "more.json"
    more.write_text('{"tags": [{"name": "new"}]}')

    with MockServer(seed_data=[tmp_path / "state.json.gz", more]) as mock, mock.client() as flow:
        assert [tag["name"] for tag in flow.tag.list().data["tags"]] == ["old", "new"]
    with pytest.raises(SeedError, match="is a snapshot, which must come before"):
        MockServer(seed_data=[more, tmp_path / "state.json.gz"])


def test_a_model_is_imported(tmp_path: Path) -> None:
    with MockServer() as mock, mock.client() as flow:
        for role in ("guest", "host"):
            upload(flow, role)
        job = flow.job.submit(steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json")
        model = {"role": "guest", "party_id": 9999, **job.data["model_info"]}
        exported = flow.model.export_model({**model, "output_path": str(tmp_path)})
        archive = Path(str(exported["file"]))
    document = tmp_path / "seed.json"
    document.write_text(json.dumps({"models": [{"file": archive.name, **model}]}))

    with MockServer(seed_data=document) as mock, mock.client() as flow:
        found = flow.model.get_model_info(model["model_id"], model["model_version"])
        assert found.ok


def test_a_reset_brings_the_seed_back_and_namespaces_start_with_it(folder: Path) -> None:
    with MockServer(seed_data=folder / "seed.yaml") as mock:
        start = mock.snapshot().content["documents"]
        with mock.client() as flow:
            flow.tag.create("mine")
        assert mock.namespace("one").snapshot().content["documents"] == start
        mock.reset()
        assert mock.snapshot().content["documents"] == start


def test_what_a_data_directory_keeps_is_left_as_it_is(tmp_path: Path) -> None:
    document = tmp_path / "seed.json"
    document.write_text('{"tags": [{"name": "gold"}]}')
    for names in (["gold"], ["gold", "mine"]):
        with (
            MockServer(data=tmp_path / "data", seed_data=document) as mock,
            mock.client() as flow,
        ):
            assert [tag["name"] for tag in flow.tag.list().data["tags"]] == names
            if names == ["gold"]:
                flow.tag.create("mine")


def test_credentials_and_faults_of_the_server_do_not_count(tmp_path: Path) -> None:
    document = tmp_path / "seed.json"
    document.write_text('{"tags": [{"name": "gold"}]}')
    (tmp_path / "faults.json").write_text('{"rules": [{"fault": "answer", "status": 500}]}')
    with MockServer(seed_data=document, fault_rules=tmp_path / "faults.json") as mock:
        assert len(mock.state.store.collection("tags")) == 1
        assert mock.app.test_client().post("/v1/tag/list", json={}).status_code == 500


def test_a_cassette_is_what_was_written() -> None:
    with MockServer(seed_data=cassette("train-deploy-predict")) as mock:
        assert mock.status()["jobs"] > 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tables: 1", "tables must be a list"),
        ("[]", "must be an object of tables, jobs, models, tags"),
        ("1: []\nrows: []", "must be an object of tables, jobs, models, tags, not 'rows'"),
        ("tags: [{name: a, 1: b, null: c}]", "tags, entry 1: 1, None is unknown; known: "),
        ("rows: []", "must be an object of tables, jobs, models, tags, not 'rows'"),
        ("tables: [1]", "tables, entry 1 must be an object"),
        ("tags: [{}]", "tags, entry 1: name is missing"),
        ("tags: [{name: a}, {name: 1}]", "tags, entry 2: name must be a text, got 1"),
        ("tags: [{name: a}, {name: a}]", "tags, entry 2: tag.create: 'a' has already exists"),
        ("tables: [{namespace: n, name: t}]", "tables, entry 1: give it either file or rows"),
        (
            "tables: [{namespace: n, name: t, file: none.csv}]",
            "tables, entry 1: file in conf_path",
        ),
        ("tables: [{namespace: n, name: t, rows: []}]", "rows.csv is an empty file"),
        ("jobs: [{conf: none.json}]", "none.json cannot be read"),
        ("jobs: [{conf: {}}]", "jobs, entry 1: job.submit: "),
        ("a: [", "seed.yaml cannot be read: while parsing"),
        ("!!python/object/apply:os.getcwd []", "seed.yaml cannot be read: could not determine"),
        ("interactions: 1", "interactions must be a list"),
        ("interactions: [{}]", "interaction 1 is none of a cassette: it lacks 'request'"),
        ("interactions: [7]", "interaction 1 is none of a cassette"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text(text)

    with pytest.raises(SeedError) as raised:
        MockServer(seed_data=path)
    assert why in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path))


def test_a_damaged_snapshot_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"format": "flowkit-mock-snapshot", "version": 9}')
    with pytest.raises(SnapshotError, match=r"state\.json is a snapshot of version 9"):
        MockServer(seed_data=path)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="holds neither CSV files nor seed documents"):
        MockServer(seed_data=tmp_path)
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(SeedError, match="must be a folder, a CSV, YAML or JSON file"):
        MockServer(seed_data=tmp_path / "x.txt")


def test_the_command_says_what_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text("tags: [{}]")

    result = CliRunner().invoke(command, ["--port", "0", "--seed-data", str(path)])

    assert result.exit_code == 1
    assert "tags, entry 1: name is missing" in result.output
