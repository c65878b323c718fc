"""What previews and downloads of tables show on the later lines."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import GUEST_LR, conf, dsl, post, submit, upload

GUEST = {"role": "guest", "party_id": "9999"}


def rows(client: FlaskClient, job_id: str, component: str) -> list[list[Any]]:
    body = {"job_id": job_id, **GUEST, "component_name": component}
    found: list[list[Any]] = post(client, "tracking/component/output/data", body)["data"][0]
    return found


@pytest.mark.parametrize(("line", "quoted"), [("1.8", False), ("1.9", True), ("1.11", True)])
def test_the_details_of_a_prediction_stand_in_quotes_from_1_9_on(line: str, quoted: bool) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        job_id = submit(client)["jobId"]
        detail = rows(client, job_id, "lr_0")[0][4]
        path = "/v1/tracking/component/output/data/download"
        with client.get(path, json={"job_id": job_id, **GUEST_LR}) as answer:
            content = io.BytesIO(answer.data)
        with tarfile.open(fileobj=content) as archive:
            member = archive.extractfile("data.csv")
            assert member is not None
            head, first, *_ = member.read().decode().splitlines()

    assert head.startswith("id,label,predict_result,predict_score,predict_detail")
    if quoted:
        assert detail.startswith("\"{'0': ")
        assert detail in first
    else:
        assert detail.keys() == {"0", "1"}
        assert ",{'0': " in first


def test_uploads_and_what_reads_them_show_the_lines_of_the_file() -> None:
    with MockServer(fate_version="1.11") as mock:
        client = mock.app.test_client()
        upload(client)
        text = "id,y,x0,x1\n" + "".join(
            f"{i},{i % 2},{i / 10},{-i / 7}\n" for i in range(39, -1, -1)
        )
        options = {"head": 1, "partition": 2, "namespace": "e", "table_name": "guest"}
        client.post(
            "/v1/data/upload",
            query_string=json.dumps({**options, "file": "/x/g.csv", "drop": 1}),
            data={"file": (io.BytesIO(text.encode()), "a.csv")},
        )
        job_id = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": conf()})["jobId"]
        shown = post(client, "table/preview", {"namespace": "e", "name": "guest", "limit": 2})
        read, transformed = (rows(client, job_id, name) for name in ("reader_0", "transform_0"))

    assert [row[0] for row in shown["data"]["data"]] == ["39", "38"]
    assert shown["data"]["header"][0] == "id"
    assert [row[0] for row in read[:2]] == ["39", "38"]
    assert [row[0] for row in transformed[:2]] == ["0", "1"]
