"""Ids that an intersection caches: within a job, and taken up by another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer
from later import conf, dsl, post, upload

CACHED = {"component_name": "cached_0", "role": "guest", "party_id": "9999"}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with MockServer(fate_version="1.11") as mock:
        client = mock.app.test_client()
        upload(client)
        yield client


def send(client: FlaskClient, components: dict[str, Any], **parameters: Any) -> str:
    """Submit reader, transformation and `components`; return the id of the job."""
    wanted = dsl()
    wanted["components"] = {
        name: wanted["components"][name] for name in ("reader_0", "transform_0")
    } | components
    asked = conf()
    asked["component_parameters"]["common"] = parameters
    answer = post(client, "job/submit", {"job_dsl": wanted, "job_runtime_conf": asked})
    assert answer["retcode"] == 0, answer
    return str(answer["jobId"])


def component(module: str, **sides: Any) -> dict[str, Any]:
    given = {"data": {"data": ["transform_0.data"]}, **sides.pop("given", {})}
    return {"module": module, "input": given, "output": sides}


def statuses(client: FlaskClient, job: str) -> dict[str, str]:
    rows = post(client, "job/task/query", {"job_id": job, "role": "guest"})["data"]
    return {row["f_component_name"]: row["f_status"] for row in rows}


def metric(client: FlaskClient, job: str, name: str, namespace: str, metric_name: str) -> Any:
    body = {
        "job_id": job,
        **CACHED,
        "component_name": name,
        "metric_namespace": namespace,
        "metric_name": metric_name,
    }
    return post(client, "tracking/component/metric_data", body)


CACHES = {"cached_0": component("Intersection", cache=["cache"])}
TAKES = component("Intersection", data=["data"], given={"cache": ["cached_0.cache"]})


def test_ids_are_cached_and_joined_in_one_job(client: FlaskClient) -> None:
    job = send(
        client,
        {**CACHES, "joined_0": TAKES},
        cached_0={"intersect_method": "dh", "run_cache": True},
        joined_0={"intersect_method": "dh"},
    )

    assert set(statuses(client, job).values()) == {"success"}
    told = metric(client, job, "cached_0", "train", "intersection_cache_meta")["meta"]
    assert (told["intersect_method"], told["hash_method"], told["salt"]) == ("dh", "sha256", "")
    assert told == metric(client, job, "joined_0", "train", "intersection_cache_meta")["meta"]
    counts = metric(client, job, "joined_0", "train", "intersection")["data"]
    assert ["intersect_count", 40] in counts
    listed = post(client, "tracking/component/output/data/table", {"job_id": job, **CACHED})
    assert not listed.get("data")
    party = {"job_id": job, "role": "guest", "party_id": "9999"}
    links = post(client, "pipeline/dag/dependency", party)["data"]["dependencies"]["joined_0"]
    assert links[-1] == {
        "component_name": "cached_0",
        "type": "cache",
        "up_output_info": ["cache", 0],
    }


def test_what_takes_a_cache_has_the_parameters_of_what_made_it(client: FlaskClient) -> None:
    job = send(
        client,
        {**CACHES, "joined_0": TAKES},
        cached_0={"intersect_method": "ecdh", "run_cache": True},
        joined_0={"intersect_method": "ecdh", "sync_intersect_ids": False, "only_output_key": True},
    )

    assert set(statuses(client, job).values()) == {"success"}
    asked = {"job_id": job, **CACHED, "component_name": "joined_0"}
    told = post(client, "tracking/component/parameters", asked)["data"]["ComponentParam"]
    assert told["_name"] == "Intersection#cached_0"
    assert (told["sync_intersect_ids"], told["only_output_key"]) == (True, False)
    host = {**asked, "role": "host", "party_id": "10000"}
    (rows,) = post(client, "tracking/component/output/data", host)["data"]
    assert len(rows[0]) == 3, "the host keeps its columns"


def test_another_job_takes_a_cache_up(client: FlaskClient) -> None:
    first = send(client, CACHES, cached_0={"run_cache": True})
    loader = {"module": "CacheLoader", "output": {"cache": ["cache"]}}

    joined = component("Intersection", data=["data"], given={"cache": ["cached_1.cache"]})
    second = send(
        client,
        {"cached_1": loader, "joined_0": joined},
        cached_1={"job_id": first, "component_name": "cached_0", "cache_name": "cache"},
    )

    assert set(statuses(client, second).values()) == {"success"}
    told = metric(client, second, "cached_1", "cache_loader", "cache")["meta"]
    assert (told["job_id"], told["component_name"]) == (first, "cached_0")
    assert told["meta"]["10000"]["intersect_meta"]["random_bit"] == 128
    counts = metric(client, second, "joined_0", "train", "intersection")["data"]
    assert ["intersect_count", 40] in counts


def test_a_loader_finds_one_cache_or_fails(client: FlaskClient) -> None:
    loader = {"cached_1": {"module": "CacheLoader", "output": {"cache": ["cache"]}}}

    named = {"component_name": "cached_0"}
    assert statuses(client, send(client, loader, cached_1=named))["cached_1"] == "failed"
    first = send(client, CACHES, cached_0={"run_cache": True})
    assert statuses(client, send(client, loader, cached_1=named))["cached_1"] == "success"
    send(client, CACHES, cached_0={"run_cache": True})
    assert statuses(client, send(client, loader, cached_1=named))["cached_1"] == "failed"
    one = {**named, "job_id": first}
    assert statuses(client, send(client, loader, cached_1=one))["cached_1"] == "success"
