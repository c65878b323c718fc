"""The tables of a job, by component and as records."""

from __future__ import annotations

from flowkit_mockserver.jobs.data_views import component_tables, output_records
from flowkit_mockserver.party import Party
from jobbing import Bench

GUEST = Party("guest", "7001")


def test_a_reader_takes_what_its_parameters_say_and_others_what_came_before(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)
    jobs = mock.state.jobs
    plan = jobs.store.plan(job_id)
    assert plan is not None

    found = component_tables(plan, GUEST, jobs.tracker, mock.state.tables)

    assert found["reader_0"]["input"]["table"] == {"name": "guest", "namespace": "shop"}
    assert found["dataio_0"]["input"] == {"reader_0.rows": found["reader_0"]["output"]["rows"]}


def test_a_table_that_was_deleted_is_put_out_and_not_taken(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)
    jobs, tables = mock.state.jobs, mock.state.tables
    plan = jobs.store.plan(job_id)
    assert plan is not None
    before = component_tables(plan, GUEST, jobs.tracker, tables)
    read = before["reader_0"]["output"]["rows"]

    tables.delete(read["namespace"], read["name"])

    found = component_tables(plan, GUEST, jobs.tracker, tables)
    assert found["reader_0"]["output"]["rows"] == read
    assert found["dataio_0"]["input"] == {}


def test_of_several_parties_only_the_first_has_a_record(mock: Bench) -> None:
    job_id = mock.submit()
    mock.finish(job_id)
    jobs = mock.state.jobs

    records = output_records(
        jobs.find(job_id), jobs.tracker, {"component_name": "dataio_0"}, jobs.now()
    )

    assert [record["f_data_name"] for record in records] == ["inst"]
    assert records[0]["f_task_id"] == f"{job_id}_dataio_0"
