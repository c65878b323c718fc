"""What components left behind: found by component and party, deleted by job and day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit_mockserver.components.core.interface import Metric, PartyResult
from flowkit_mockserver.jobs.tracker import Tracker
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Store

JOB = "202106010203040506070"
DAY = "20210601"


@pytest.fixture
def outputs() -> Iterator[Tracker]:
    store = Store(None)
    yield Tracker(store)
    store.close()


def result(loss: float, **more: object) -> PartyResult:
    made = PartyResult(summary={"loss": loss})
    made.add_metric("train", "loss", Metric([[0, loss]], {"name": "train", "metric_type": "LOSS"}))
    made.add_metric("validate", "auc", Metric([["auc", 1.0]], {"name": "auc", "metric_type": "E"}))
    return made


def add(
    outputs: Tracker, party: str = Party("guest", "1"), *, version: int = 0, loss: float = 0.5
) -> None:
    table = {"data_name": "data", "namespace": f"n{version}", "name": party}
    outputs.add(JOB, "lr_0", version, party, result(loss), [table], time=version)


def test_each_party_has_its_own(outputs: Tracker) -> None:
    add(outputs)

    found = outputs.get(JOB, "lr_0", Party("guest", "1"))
    assert found is not None
    assert found["metrics"]["train"]["loss"]["data"] == [[0, 0.5]]
    assert outputs.get(JOB, "lr_0", Party("host", "2")) is None
    assert outputs.get(JOB, "other_0", Party("guest", "1")) is None


def test_a_later_version_replaces_all_but_the_summary(outputs: Tracker) -> None:
    add(outputs)
    add(outputs, version=1, loss=0.1)

    found = outputs.get(JOB, "lr_0", Party("guest", "1"))
    assert found is not None
    assert found["task_version"] == 1
    assert found["metrics"]["train"]["loss"]["data"] == [[0, 0.1]]
    assert found["summary"] == {"loss": 0.5}


def test_the_metrics_of_a_day_go_together(outputs: Tracker) -> None:
    assert not outputs.drop_day(DAY)
    add(outputs)

    assert outputs.metric_day_known(DAY)
    assert outputs.drop_day(DAY)
    assert not outputs.metric_day_known(DAY)
    assert not outputs.drop_day(DAY)
    found = outputs.get(JOB, "lr_0", Party("guest", "1"))
    assert found is not None
    assert found["metrics"] == {}
    assert found["tables"]


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        ({}, []),
        ({"role": "guest"}, []),
        ({"role": "host"}, ["train", "validate"]),
        ({"party_id": 2}, ["train", "validate"]),
        ({"component_name": "lr_0", "metric_namespace": "train"}, ["validate"]),
        ({"component_name": "other_0"}, ["train", "validate"]),
        ({"task_id": f"{JOB}_lr_0", "metric_name": "auc"}, ["train"]),
        ({"task_version": 1}, ["train", "validate"]),
    ],
)
def test_the_metrics_of_a_job_are_deleted_by_column(
    outputs: Tracker, columns: dict[str, object], left: list[str]
) -> None:
    add(outputs)

    outputs.delete_metrics(JOB, columns)

    found = outputs.get(JOB, "lr_0", Party("guest", "1"))
    assert found is not None
    assert sorted(found["metrics"]) == left


def test_the_view_of_a_job_goes_with_all_of_its_metrics(outputs: Tracker) -> None:
    add(outputs)
    assert outputs.delete_metrics(JOB, {"role": "guest"})
    assert outputs.views(JOB)

    assert outputs.delete_metrics(JOB, {})
    assert not outputs.views(JOB)
    assert not outputs.delete_metrics(JOB, {})
    assert not outputs.drop_day(JOB)  # a job is no day

    outputs.forget(JOB, "lr_0")
    assert outputs.views(JOB)  # nothing is kept of it


def test_tables_are_listed_oldest_first(outputs: Tracker) -> None:
    add(outputs, Party("guest", "1"), version=3)
    add(outputs, Party("host", "2"), version=1)

    listed = [(party, table["namespace"]) for _, party, _, table in outputs.records(JOB, ["lr_0"])]

    assert listed == [(Party("host", "2"), "n1"), (Party("guest", "1"), "n3")]
