"""Models in a directory, where others look into them and remove them."""

from __future__ import annotations

import base64
import io
import json
import logging
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.dialects.lines import dialect_of
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.files.folders import ModelFolders
from flowkit_mockserver.party import Party
from flowkit_mockserver.settings import Settings
from later import conf, post, trained
from trained import MODEL_ID, Api, ids, mock

GUEST = Party("guest", "7001")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with mock(Settings(model_cache=tmp_path)) as api:
        yield api


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


class TestOnAServer:
    def test_each_party_has_the_files_of_its_archive(self, api: Api, tmp_path: Path) -> None:
        version = api.train()
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            f"arbiter#7009#{MODEL_ID}",
            f"guest#7001#{MODEL_ID}",
            f"host#7002#{MODEL_ID}",
        ]
        folder = tmp_path / f"guest#7001#{MODEL_ID}" / version
        assert files_below(folder) == files_of(api.export(version))
        assert (folder / "variables/data/lr_0/model/HeteroLogisticRegressionParam").is_file()
        assert (folder / "pipeline.pb").is_file()

    def test_what_was_removed_there_is_imported_again(self, api: Api, tmp_path: Path) -> None:
        version = api.train()
        archive, folder = api.export(version), tmp_path / f"guest#7001#{MODEL_ID}" / version
        refused = api.import_(archive, version)
        assert refused["retmsg"].endswith("local cache already existed")
        before = files_below(folder)
        shutil.rmtree(folder)
        party = {"role": "guest", "party_id": "7001"}
        assert api.send("model/export", ids(version, **party)).status_code == 210
        assert api.import_(archive, version)["retcode"] == 0
        assert files_below(folder) == before
        api.finished(api.predict(api.deploy(version)))

    def test_a_reset_removes_them(self, api: Api, tmp_path: Path) -> None:
        api.train()
        api.state.reset()
        assert list(tmp_path.iterdir()) == []

    def test_the_later_lines_have_theirs(self, tmp_path: Path) -> None:
        with MockServer(fate_version="1.11", model_cache=tmp_path) as server:
            client, job_id, model = trained(server)
            post(client, "job/query", {"job_id": job_id})
            (folder,) = tmp_path.glob("guest#9999#*/*")
            assert folder.name == model["model_version"]
            party = {"role": "guest", "party_id": "9999", **model}
            archive = files_of(client.get("/v1/model/export", json=party).data)
            del archive["import_model.json"]
            assert files_below(folder) == archive
            assert (folder / "variables/data/lr_0/model").is_dir()
            kept = json.loads((folder / "run_parameters/lr_0/run_parameters.json").read_text())
            assert kept["ComponentParam"] == {"max_iter": 2}, "what the user gave"
            shown = json.loads(
                (folder / "variables/data/pipeline/pipeline/Pipeline.json").read_text()
            )
            assert (shown["modelVersion"], shown["parent"]) == (model["model_version"], True)
            assert json.loads(base64.b64decode(shown["roles"])) == conf()["role"]
            shutil.rmtree(folder)
            refused = post(client, "model/deploy", model)
            assert "can not found model of initiator role" in refused["retmsg"]

    def test_they_stay_with_the_state(self, tmp_path: Path) -> None:
        kept = {"data": tmp_path / "state", "model_cache": tmp_path / "models"}
        with MockServer(fate_version="1.11", **kept) as server:
            client, job_id, model = trained(server)
            post(client, "job/query", {"job_id": job_id})
        (folder,) = (tmp_path / "models").glob("guest#9999#*/*")
        shutil.rmtree(folder)
        with MockServer(fate_version="1.11", **kept) as server:
            found = post(server.app.test_client(), "model/get/predict/conf", model)
            assert found["retcode"] == 0
            assert folder.is_dir()

    def test_namespaces_have_none(self, tmp_path: Path) -> None:
        with MockServer(model_cache=tmp_path) as server:
            assert server.state.settings.model_cache == tmp_path
            assert server.worlds.make("worker-1").settings.model_cache is None


class TestNames:
    @pytest.mark.parametrize(
        ("model_id", "version"),
        [
            ("../../m", "1"),
            ("m/n", "1"),
            ("m", ".."),
            ("m", ""),
            ("m\0", "1"),
            ("m", "C:x"),
            ("m" * 300, "1"),
        ],
    )
    def test_a_model_never_lies_outside(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, model_id: str, version: str
    ) -> None:
        directory = tmp_path / "models"
        folders = ModelFolders(directory, dialect_of("1.6.1"))
        with caplog.at_level(logging.WARNING):
            folders.write(ModelCache(GUEST, model_id, version))
        assert "is no place for a model below" in caplog.text
        assert [path.name for path in tmp_path.rglob("*")] == ["models"]
        assert not folders.is_removed(f"guest#7001#{model_id}/{version}")

    def test_the_parts_of_a_model_stay_in_its_folder(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache = ModelCache(GUEST, "m", "1")
        fields = {"meta": {}, "meta_name": "..", "meta_message": "ColumnExpandMeta"}
        cache.put_model(
            "expand_0", "ColumnExpand", "model", {**fields, "param_name": "", "state": {}}
        )
        folders = ModelFolders(tmp_path, dialect_of("1.6.1"))
        folders.write(cache)
        assert (
            "'variables/data/expand_0/model/..' of model guest#7001#m/1 is not written"
            in caplog.text
        )
        assert folders.find("guest#7001#m/1")


def test_what_cannot_be_written_is_logged_and_no_model_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folders = ModelFolders(tmp_path, dialect_of("1.6.1"))
    (tmp_path / "guest#7001#m").write_text("in the way")
    folders.write(ModelCache(GUEST, "m", "1"))
    assert "the folder of model guest#7001#m/1 could not be written" in caplog.text
    assert not folders.is_removed("guest#7001#m/1")
    assert [path.name for path in tmp_path.iterdir()] == ["guest#7001#m"]


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(OSError, match="models"):
        MockServer(model_cache=tmp_path / "models")
