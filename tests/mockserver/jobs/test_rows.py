"""The rows of jobs and tasks have the columns of the server's line."""

from __future__ import annotations

from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.dialects.columns import columns_without
from flowkit_mockserver.jobs.rows import JOB_COLUMNS, TASK_COLUMNS

#: Columns of a task row of FATE Flow 1.11.2 that one of 1.6.1 does not have.
LATER = {
    "f_auto_retries",
    "f_auto_retry_delay",
    "f_cmd",
    "f_component_module",
    "f_component_parameters",
    "f_deepspeed_id",
    "f_error_report",
    "f_is_deepspeed",
    "f_kill_status",
    "f_provider_info",
    "f_run_port",
    "f_worker_id",
}


def test_a_task_row_got_twelve_columns() -> None:
    old = columns_without(TASK_COLUMNS, dialect_of("1.6.1").absent_task_columns)
    new = columns_without(TASK_COLUMNS, dialect_of("1.11.2").absent_task_columns)

    assert set(new) - set(old) == LATER
    assert set(old) <= set(new)


def test_a_job_row_lost_its_work_mode() -> None:
    old = columns_without(JOB_COLUMNS, dialect_of("1.6.1").absent_job_columns)
    new = columns_without(JOB_COLUMNS, dialect_of("1.11.2").absent_job_columns)

    assert set(old) - set(new) == {"f_work_mode"}
    assert set(new) - set(old) == {"f_inheritance_info", "f_inheritance_status"}
