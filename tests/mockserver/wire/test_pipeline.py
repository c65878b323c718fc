"""pipeline/dag/dependency: who waits for whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobbing import DSL, Bench, bench, conf

PARTY = {"role": "guest", "party_id": 7001}


@pytest.fixture
def mock() -> Iterator[Bench]:
    with bench() as made:
        yield made


def test_dependencies_of_a_job(mock: Bench) -> None:
    job_id = mock.submit()

    data = mock.ask("pipeline/dag/dependency", job_id=job_id, **PARTY)["data"]

    assert data["component_list"] == ["reader_0", "dataio_0", "intersection_0"]
    assert data["component_module"]["dataio_0"] == "DataIO"
    assert data["component_need_run"] == dict.fromkeys(data["component_list"], True)
    assert data["dependencies"]["dataio_0"] == [
        {"component_name": "reader_0", "type": "data", "up_output_info": ["data", 0]}
    ]


def test_dependencies_of_what_was_not_submitted(mock: Bench) -> None:
    runtime_conf = conf()

    answer = mock.ask(
        "pipeline/dag/dependency", job_dsl=DSL, job_runtime_conf=runtime_conf, **PARTY
    )

    assert set(answer["data"]["dependencies"]) == {"dataio_0", "intersection_0"}


def test_what_is_missing_or_unknown(mock: Bench) -> None:
    path = "pipeline/dag/dependency"

    assert mock.ask(path)["retmsg"] == "required parameters are missing: party_id,role;"
    assert mock.ask(path, job_id="2099", **PARTY) == {
        "retcode": 100,
        "retmsg": "query job 2099 failed",
    }
