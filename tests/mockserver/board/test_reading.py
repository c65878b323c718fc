"""Reading jobs through a client."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boarding import Board
from flowkit.results import Dag
from flowkit_mockserver import MockServer
from flowkit_mockserver.board.reading import (
    JOBS_A_PAGE,
    Filters,
    PartyKey,
    graph_of,
    known_jobs,
    list_jobs,
    read_failure,
    read_job,
    read_tasks,
)
from jobbing import DSL, conf, stock


def test_a_job_is_what_all_of_its_rows_say(board: Board) -> None:
    job = read_job(board.flow, board.trained.job_id)

    assert job is not None
    assert (job.status, job.progress, job.ended, job.job_type) == ("success", 100, True, "train")
    assert job.initiator == PartyKey("guest", "9999")
    assert list(job.parties.items()) == [
        (PartyKey("guest", "9999"), "success"),
        (PartyKey("host", "10000"), "success"),
        (PartyKey("arbiter", "10000"), "success"),
    ]
    assert job.modules[0] == "Reader"
    assert job.model_version == board.trained.model_version
    assert read_job(board.flow, "202001010000000000000") is None


def test_tasks_are_found_by_component_and_party(board: Board) -> None:
    job = read_job(board.flow, board.trained.job_id)
    assert job is not None
    tasks = read_tasks(board.flow, job)

    assert list(tasks["reader_0"]) == [PartyKey("host", "10000"), PartyKey("guest", "9999")]
    assert tasks["hetero_lr_0"][PartyKey("arbiter", "10000")].status == "success"
    assert read_tasks(board.flow, replace(job, job_id="202001010000000000000")) == {}


def test_only_jobs_that_did_not_succeed_have_failed(board: Board) -> None:
    good = read_job(board.flow, board.trained.job_id)
    bad = read_job(board.flow, board.failed.job_id)

    assert good is not None
    assert bad is not None
    assert read_failure(board.flow, good) is None
    failure = read_failure(board.flow, bad)
    assert failure is not None
    assert (failure.component, failure.party) == ("hetero_lr_0", "guest/9999")


@pytest.mark.parametrize("version", ["1.6.1", "1.11.2"])
def test_many_jobs_are_listed_page_by_page(version: str) -> None:
    with MockServer(fate_version=version) as mock, mock.client() as flow:
        assert list_jobs(flow, Filters()).jobs == []
        stock(mock.state)
        ids = [flow.job.submit(_conf(), _dsl()).job_id for _ in range(60)]

        pages = [list_jobs(flow, Filters(), number) for number in (1, 2, 3, 4)]
        last = list_jobs(flow, Filters(text=ids[0]))

    assert [len(page.jobs) for page in pages] == [JOBS_A_PAGE, JOBS_A_PAGE, 10, 0]
    assert [page.more for page in pages] == [True, True, False, False]
    assert [job.job_id for page in pages for job in page.jobs] == ids[::-1]
    assert [job.job_id for job in last.jobs] == [ids[0]]


def test_jobs_that_nothing_is_known_of_are_left_out(board: Board) -> None:
    ids = ["202001010000000000000", board.trained.job_id]

    assert [job.job_id for job in known_jobs(board.flow, ids, Filters()).jobs] == ids[1:]


def test_a_dsl_that_makes_no_sense_has_no_graph() -> None:
    assert graph_of({}) == Dag((), ())
    assert graph_of({"components": {"a": {"input": {"data": {"data": ["b.data"]}}}}}) == Dag((), ())


def _dsl() -> dict[str, Any]:
    return {"components": {"reader_0": DSL["components"]["reader_0"]}}


def _conf() -> dict[str, Any]:
    found = conf()
    for party in found["component_parameters"]["role"].values():
        party["0"].pop("dataio_0", None)
    found["component_parameters"].pop("common", None)
    return found
