"""Models in 1.11: exported, imported, merged, looked up in detail."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import post, trained


@pytest.fixture
def model() -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    with MockServer(fate_version="1.11") as mock:
        client, _, ids = trained(mock)
        yield client, ids


def send(client: FlaskClient, form: dict[str, Any], content: bytes) -> tuple[int, Any]:
    data = {**form, "file": (io.BytesIO(content), "model.zip")}
    answer = client.post("/v1/model/import", data=data)
    return answer.status_code, answer.get_json()


def test_an_archive_is_imported_under_its_ids_once(
    model: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    content = client.get("/v1/model/export", json=party).data
    assert send(client, party, content) == (
        409,
        {"retcode": 409, "retmsg": "Model already exists."},
    )
    forced = {**party, "force_update": "1", "hash": hashlib.sha256(content).hexdigest()}
    assert send(client, forced, content)[1]["retcode"] == 0
    status, refused = send(client, {**forced, "hash": "0" * 64}, content)
    assert (status, refused["retcode"]) != (200, 0)
    assert "Model archive hash mismatch. path: " in refused["retmsg"]


def test_what_is_no_archive_is_refused(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    form = {"role": "guest", "party_id": "9999", **ids, "force_update": "1"}
    _, refused = send(client, form, b"no zip")
    assert refused["retcode"] == 100
    assert refused["retmsg"].startswith("ReadError('")
    assert refused["retmsg"].endswith(" is not a zip file')")


def test_models_of_both_parties_are_merged(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    body: dict[str, Any] = {
        **ids,
        "guest_party_id": "9999",
        "host_party_ids": ["10000"],
        "component_name": "lr_0",
        "model_type": "lr",
        "output_format": "zz",
    }
    refused = post(client, "component/hetero/merge", body)
    assert refused == {"retcode": 100, "retmsg": "ValueError('unknown output format: zz')"}
    merged = post(client, "component/hetero/merge", {**body, "output_format": "pmml"})
    assert merged["retcode"] == 0
    assert merged["data"]


def test_a_model_is_looked_up(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    found = post(client, "model/query", {**ids, "role": "guest"})
    assert found["retcode"] == 0
    assert found["data"][0]["f_model_id"] == ids["model_id"]
    missing = post(client, "model/query", {"model_id": "x", "model_version": "1"})
    assert missing["retcode"] != 0


def test_a_model_is_as_large_as_its_files(model: tuple[FlaskClient, dict[str, str]]) -> None:
    client, ids = model
    party = {"role": "guest", "party_id": "9999", **ids}
    with zipfile.ZipFile(io.BytesIO(client.get("/v1/model/export", json=party).data)) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}

    (row,) = post(client, "model/query", party)["data"]

    # What says how to import it comes with the archive only.
    assert row["f_size"] == round((sum(sizes.values()) - sizes["import_model.json"]) / 1024)
