"""A server that is a site: other servers have to sign, clients need not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from flowkit_mockserver.settings import Demand
from later import conf, dsl, upload

pytest.importorskip("cryptography", reason="site authentication needs cryptography")

STOP = "/v1/party/202601010000000000000/guest/9999/stop/canceled"
UNSIGNED = {
    "retcode": 100,
    "retmsg": "TypeError(\"argument should be a bytes-like object or ASCII string, not 'NoneType'\")",
}


@pytest.fixture
def site() -> Iterator[MockServer]:
    with MockServer(fate_version="1.11", site_party=9999) as mock:
        yield mock


@pytest.fixture
def client(site: MockServer) -> FlaskClient:
    return site.app.test_client()


def ask(client: FlaskClient, path: str, body: Any = None, **headers: str) -> Any:
    answer = client.post(path, json=body or {}, headers=headers)
    assert answer.status_code == 200
    return answer.get_json()


def test_it_shows_its_public_key_and_its_party(client: FlaskClient) -> None:
    own = ask(client, "/v1/key/query", {"party_id": "9999"})
    assert own["data"].startswith("-----BEGIN PUBLIC KEY-----")
    private = ask(client, "/v1/key/query", {"party_id": "9999", "key_name": "private_key"})
    assert private == {"retcode": 0, "retmsg": "success"}
    other = ask(client, "/v1/key/query", {"party_id": "10000"})
    assert other == {"retcode": 0, "retmsg": "success"}
    assert ask(client, "/v1/info/common")["data"]["party_id"] == 9999


def test_its_own_keys_are_nothing_that_it_remembers(site: MockServer, client: FlaskClient) -> None:
    assert site.state.is_empty()
    ask(client, "/v1/key/public/save", {"party_id": "10000", "key": "k"})
    assert not site.state.is_empty()


def test_clients_need_not_sign(client: FlaskClient) -> None:
    answer = ask(client, "/v1/job/query", {"job_id": "x"})
    assert answer["retmsg"] == "no job could be found"


@pytest.mark.parametrize("path", [STOP, "/v1/tracker/x", "/v1/zz", "/", "/v2/x"])
def test_other_servers_have_to(client: FlaskClient, path: str) -> None:
    assert ask(client, path) == UNSIGNED


@pytest.mark.parametrize("path", ["/_flowkit/state", "/healthz", "/readyz", "/openapi.json"])
def test_what_is_of_the_mock_itself_stays_open(client: FlaskClient, path: str) -> None:
    assert "argument should be" not in client.get(path).get_data(as_text=True)


def test_an_unknown_party_is_not_believed(client: FlaskClient) -> None:
    headers = {"src-party-id": "10000", "site-signature": "eHg="}
    assert ask(client, STOP, **headers) == {
        "retcode": 100,
        "retmsg": "Exception('signature error: no found party id 10000 public key')",
    }


def test_a_wrong_signature_is_refused(client: FlaskClient) -> None:
    headers = {"src-party-id": "9999", "site-signature": "eHg="}
    assert ask(client, STOP, **headers) == {"retcode": 109, "retmsg": "authentication failed"}


@pytest.mark.parametrize("first", ["host", "guest"])
def test_jobs_run_but_are_stopped_and_run_again_only_where_the_first_party_is_this_one(
    client: FlaskClient, first: str
) -> None:
    upload(client)
    asked = conf()
    asked["role"] = {first: asked["role"].pop(first), **asked["role"]}
    job_id = ask(client, "/v1/job/submit", {"job_dsl": dsl(), "job_runtime_conf": asked})["jobId"]
    refused = {
        "retcode": 100,
        "retmsg": "Exception('signature error: no found party id 10000 public key')",
    }
    rows = ask(client, "/v1/job/query", {"job_id": job_id})["data"]
    assert rows[0]["f_role"] == first
    assert {row["f_status"] for row in rows} == {"success"}
    if first == "guest":
        assert ask(client, "/v1/job/stop", {"job_id": job_id})["retcode"] == 0
        assert ask(client, "/v1/job/rerun", {"job_id": job_id})["retcode"] == 0
        return
    answers = {"guest": {"9999": refused}}
    assert ask(client, "/v1/job/stop", {"job_id": job_id}) == {
        "retcode": 103,
        "retmsg": "stop job on this party False",
        "data": answers,
    }
    assert ask(client, "/v1/job/rerun", {"job_id": job_id}) == {
        "retcode": 103,
        "retmsg": f"rerun job failed:\n{json.dumps(answers)}",
    }


def test_only_the_clients_signature_counts_where_both_are_demanded() -> None:
    demand = Demand("hmac", "app", "secret")
    with MockServer(fate_version="1.11", site_party="9999", require_auth=demand) as mock:
        client = mock.app.test_client()
        assert ask(client, STOP)["retmsg"] == "<NotFound '404: Not Found'>"
        assert ask(client, "/v1/job/query")["retcode"] == 109
