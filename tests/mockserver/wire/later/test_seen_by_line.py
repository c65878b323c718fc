"""What real servers of several lines answered alike where the first ones answer something else, or each its own."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import conf, dsl, post, trained, upload


def toy(client: FlaskClient) -> list[str]:
    """Run a job whose conf names the initiator first and return the roles of its rows."""
    config: dict[str, Any] = {
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000]},
        "job_parameters": {"common": {"work_mode": 0}},
        "component_parameters": {},
    }
    components = {"components": {"secure_add_example_0": {"module": "SecureAddExample"}}}
    submitted = {"job_runtime_conf": config, "job_dsl": components}
    job_id = post(client, "job/submit", submitted)["jobId"]
    return [row["f_role"] for row in post(client, "job/query", {"job_id": job_id})["data"]]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("1.5", ["host", "guest"]),
        ("1.6", ["host", "guest"]),
        ("1.7", ["guest", "host"]),
        ("1.8", ["guest", "host"]),
        ("1.9", ["guest", "host"]),
        ("1.10", ["guest", "host"]),
    ],
)
def test_parties_make_their_rows_as_the_conf_names_them_from_1_7_on(
    line: str, roles: list[str]
) -> None:
    with MockServer(fate_version=line) as mock:
        assert toy(mock.app.test_client()) == roles


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("1.7", "_Rendezvous"),
        ("1.8", "_Rendezvous"),
        ("1.9", "_InactiveRpcError"),
        ("1.11", "_InactiveRpcError"),
    ],
)
def test_a_serving_that_is_away_is_an_error_of_the_grpc_of_the_line(line: str, error: str) -> None:
    with MockServer(fate_version=line) as mock:
        client, _, ids = trained(mock)
        deployed = post(client, "model/deploy", ids)["data"]
        parties = {"guest": ["9999"], "host": ["10000"], "arbiter": ["10000"]}
        answer = post(
            client,
            "model/bind",
            {
                "initiator": {"party_id": "9999", "role": "guest"},
                "role": parties,
                "job_parameters": {name: deployed[name] for name in ids},
                "service_id": "svc",
                "servings": [],
            },
        )
    assert answer["retcode"] == 100
    assert answer["retmsg"].startswith(f"<{error} of RPC that terminated with:\n\tstatus = ")


def test_nobody_to_forward_to_is_no_http_error() -> None:
    with MockServer(fate_version="1.10") as mock:
        client = mock.app.test_client()
        answer = client.post("/v1/forward/zz/do", json={"header": {}, "body": {}})
    assert (answer.status_code, answer.get_json()["retcode"]) == (200, 404)


@pytest.mark.parametrize("line", ["1.9", "1.10", "1.11"])
def test_the_report_of_a_missing_table_names_a_runtime_error(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        runtime = conf()
        runtime["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"] = "zz"
        job_id = post(client, "job/submit", {"job_dsl": dsl(), "job_runtime_conf": runtime})[
            "jobId"
        ]
        asked = {"job_id": job_id, "component_name": "reader_0", "role": "guest"}
        (row,) = post(client, "job/task/query", asked)["data"]
    lines = row["f_error_report"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "RuntimeError: can not found table name: zz namespace: e"


@pytest.mark.parametrize("line", ["1.8", "1.9", "1.10"])
def test_a_file_that_is_sent_has_a_name_of_its_own_from_1_9_on(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        client = mock.app.test_client()
        upload(client)
        (row, *_) = post(client, "job/query", {"role": "local", "party_id": 0})["data"]
    parameters = row["f_runtime_conf"]["component_parameters"]["role"]["local"]["0"]["upload_0"]
    name = parameters["file"].rpartition("/fate_upload_tmp/")[2]
    assert (name == "a.csv") is (line == "1.8")
    assert line == "1.8" or len(bytes.fromhex(name)) == 16


def test_the_loss_of_trees_comes_before_their_evaluation() -> None:
    trees = dsl()
    trees["components"]["lr_0"] = {
        "module": "HeteroSecureBoost",
        "input": {
            "data": {
                "train_data": ["intersection_0.data"],
                "validate_data": ["intersection_0.data"],
            }
        },
        "output": {"data": ["data"], "model": ["model"]},
    }
    runtime = conf()
    runtime["component_parameters"]["common"]["lr_0"] = {"num_trees": 1, "validation_freqs": 1}
    with MockServer(fate_version="1.10") as mock:
        client = mock.app.test_client()
        upload(client)
        job_id = post(client, "job/submit", {"job_dsl": trees, "job_runtime_conf": runtime})[
            "jobId"
        ]
        asked = {"job_id": job_id, "component_name": "lr_0", "role": "guest", "party_id": 9999}
        shown = post(client, "tracking/component/metrics", asked)
    assert shown["data"]["train"][0] == "loss"


@pytest.mark.parametrize("line", ["1.7", "1.9", "1.10", "1.11"])
def test_a_job_whose_parameters_change_keeps_the_addresses_that_its_parties_filled_in(
    line: str,
) -> None:
    with MockServer(fate_version=line) as mock:
        client, job_id, _ = trained(mock)
        changed = {"job_id": job_id, "job_parameters": {"common": {"auto_retries": 1}}}
        first = post(client, "job/parameter/update", changed)["data"]["job_parameters"]["common"]
        again = post(client, "job/parameter/update", changed)["data"]["job_parameters"]["common"]
        (row, *_) = post(client, "job/query", {"job_id": job_id})["data"]
    assert first["engines_address"] == {}
    kept = row["f_runtime_conf"]["job_parameters"]["common"]["engines_address"]
    assert set(kept) == {"computing", "federation", "storage"}
    assert again["auto_retries"] == 1


def created(line: str, **asked: Any) -> tuple[FlaskClient, Any]:
    """Submit the job with a provider in the DSL, for all or for one component."""
    mock = MockServer(fate_version=line)
    client = mock.app.test_client()
    upload(client)
    described = dsl()
    described |= {name: value for name, value in asked.items() if name == "provider"}
    for name, value in asked.items():
        if name != "provider":
            described["components"][name]["provider"] = value
    return client, post(client, "job/submit", {"job_dsl": described, "job_runtime_conf": conf()})


@pytest.mark.parametrize("line", ["1.7.2", "1.8.0"])
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"lr_0": "mine"}, "Provider: mine does not support in HeteroLR, please register"),
        ({"provider": "fate"}, "Provider: fate does not support in Reader, please register"),
        (
            {"lr_0": "fate@9"},
            "Provider: fate version: 9 does not support in HeteroLR, please register",
        ),
        (
            {"lr_0": "@9"},
            "Provider format should be provider_name@provider_version or provider_name, "
            "@provider_version is not supported",
        ),
    ],
)
def test_before_1_9_the_dsl_names_providers(line: str, asked: dict[str, str], reason: str) -> None:
    _, answer = created(line, **asked)
    assert answer["retcode"] == 103
    assert f"'retmsg': '{reason}'" in answer["retmsg"]


@pytest.mark.parametrize("line", ["1.7.2", "1.8.0", "1.10.0"])
def test_a_task_tells_of_the_version_of_its_provider(line: str) -> None:
    mock = MockServer(fate_version=line)
    client = mock.app.test_client()
    upload(client)
    posted = {"name": "fate", "version": "9", "path": "/data/own/federatedml"}
    assert post(client, "provider/register", posted)["retcode"] == 0
    described, runtime = dsl(), conf()
    if line == "1.10.0":
        runtime["provider"] = {"common": {"lr_0": "fate@9"}}
    else:
        described["components"]["lr_0"]["provider"] = "fate@9"
    job_id = post(client, "job/submit", {"job_dsl": described, "job_runtime_conf": runtime})[
        "jobId"
    ]
    rows = post(client, "job/task/query", {"job_id": job_id, "role": "guest"})["data"]
    told = {row["f_component_name"]: row["f_provider_info"] for row in rows}
    assert told["lr_0"]["version"] == "9"
    assert told["lr_0"]["path"] == "/data/own/federatedml"
    assert told["lr_0"]["env"]["PYTHONPATH"] == "/data/own"
    assert told["transform_0"]["version"] == line
