"""Jobs that the server submits to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.jobs.system_jobs import (
    data_access,
    model_access,
    past_uploads,
    upload_path,
)
from jobbing import Bench, bench

UPLOAD = {
    "work_mode": 0,
    "backend": 0,
    "head": 1,
    "partition": 4,
    "namespace": "shop",
    "table_name": "new",
    "name": "new",
    "file": "new.csv",
    "destroy": False,
    "drop": 0,
    "verbose": 1,
}


def test_an_upload_is_a_job_of_role_local() -> None:
    dsl, conf = data_access("upload", UPLOAD)

    assert dsl == {"components": {"upload_0": {"module": "Upload"}}}
    assert conf == {
        "initiator": {"role": "local", "party_id": 0},
        "job_parameters": {"common": {"work_mode": 0, "backend": 0}},
        "role": {"local": [0]},
        "component_parameters": {
            "role": {
                "local": {
                    "0": {
                        "upload_0": {
                            "head": 1,
                            "partition": 4,
                            "file": "new.csv",
                            "namespace": "shop",
                            "name": "new",
                            "destroy": False,
                        }
                    }
                }
            }
        },
        "dsl_version": 2,
    }


def test_a_party_id_of_ones_own_is_kept() -> None:
    _, conf = data_access("download", {**UPLOAD, "party_id": 7, "output_path": "/o"})

    assert conf["role"] == {"local": [7]}
    assert conf["component_parameters"]["role"]["local"]["0"]["download_0"] == {
        "output_path": "/o",
        "namespace": "shop",
        "name": "new",
    }


@pytest.mark.parametrize(("word", "module"), [("store", "ModelStore"), ("restore", "ModelRestore")])
def test_models_are_stored_by_jobs_of_version_1(word: str, module: str) -> None:
    config = {"role": "guest", "party_id": "1", "model_id": "m#model", "model_version": "2021"}

    dsl, conf = model_access(word, config)

    assert dsl["components"][f"{word}_0"] == {"module": module}
    parameters = conf["role_parameters"]["local"][f"{word}_0"]
    assert parameters["model_id"] == ["guest#1#m#model"]
    assert parameters["model_version"] == ["2021"]
    assert ("force_update" in parameters) is (word == "store")


def test_an_uploaded_file_becomes_a_table_and_is_deleted(mock: Bench, tmp_path: Path) -> None:
    content = tmp_path / "spooled"
    content.write_text("id,x\n1,5\n2,6\n2,7\n")

    job_id, data = mock.state.jobs.submit(*data_access("upload", UPLOAD), content=content)
    assert mock.state.tables.get("shop", "new") is None
    mock.pass_time(1000)
    mock.state.settle()
    assert mock.status(job_id) == "success"
    table = mock.state.tables.get("shop", "new")
    assert table is not None
    assert table.count == 2
    assert not content.exists()
    assert data["model_info"] == {"model_id": "local-0#model", "model_version": job_id}
    (found,) = past_uploads(mock.state.jobs.store, None, mock.state.jobs.now())
    assert found[0] == job_id
    assert found[1]["file"] == "new.csv"


def test_a_file_that_is_sent_lies_with_its_job() -> None:
    assert upload_path("/srv", "2021", "a/new.csv") == "/srv/jobs/2021/fate_upload_tmp/new.csv"


def test_the_file_of_a_stopped_upload_is_deleted_too(mock: Bench, tmp_path: Path) -> None:
    content = tmp_path / "spooled"
    content.write_text("id,x\n1,5\n")
    job_id, _ = mock.state.jobs.submit(*data_access("upload", UPLOAD), content=content)

    mock.state.jobs.stop(job_id)
    mock.state.commit()

    assert not content.exists()
    assert list(past_uploads(mock.state.jobs.store, job_id, mock.state.jobs.now())) == []


def test_a_file_outside_of_what_is_allowed_fails_the_upload(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("id,x\n1,5\n")
    with bench(allow_paths=(tmp_path / "allowed",)) as mock:
        job_id, _ = mock.state.jobs.submit(*data_access("upload", {**UPLOAD, "file": str(secret)}))
        mock.pass_time(1000)
        mock.state.settle()

        assert mock.status(job_id) == "failed"
        assert mock.state.tables.get("shop", "new") is None


def test_a_download_writes_where_it_is_allowed_to(tmp_path: Path) -> None:
    with bench(allow_paths=(tmp_path,)) as mock:
        target = tmp_path / "out.csv"
        config = {
            "work_mode": 0,
            "namespace": "shop",
            "name": "host",
            "output_path": str(target),
        }
        job_id, _ = mock.state.jobs.submit(*data_access("download", config))
        mock.pass_time(1000)
        mock.state.settle()

        assert mock.status(job_id) == "success"
        assert len(target.read_text().splitlines()) == 20


def test_models_cannot_be_stored_where_there_is_no_storage(mock: Bench) -> None:
    config = {"role": "guest", "party_id": "1", "model_id": "m", "model_version": "2021"}
    jobs = mock.state.jobs
    submitted = [jobs.submit(*model_access(word, config))[0] for word in ("store", "restore")]
    mock.pass_time(1000)
    mock.state.settle()

    assert [mock.status(job_id) for job_id in submitted] == ["failed", "failed"]
