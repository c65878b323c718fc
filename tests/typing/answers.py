"""What servers answer, as type checkers see it."""

from __future__ import annotations

from typing import Any, assert_type

from flowkit import FlowClient, Reply
from flowkit.results import RocCurve, read_roc
from flowkit.rows import Row
from flowkit.shapes import (
    DataView,
    Deployed,
    JobRow,
    JobStatus,
    MetricAnswer,
    ModelInfo,
    ModelRow,
    OutputTable,
    Role,
    Submitted,
    TableInfo,
    TaskRow,
    Uploaded,
    WaitedJob,
)

flow = FlowClient()

submitted = flow.job.submit("conf.json", "dsl.json")
assert_type(submitted, Reply[Submitted])
assert_type(submitted.data["board_url"], str)
assert_type(submitted.data["model_info"], ModelInfo)
assert_type(submitted.data["model_info"]["model_version"], str)

assert_type(flow.job.wait("1"), Reply[WaitedJob])
assert_type(flow.job.wait("1").data["rows"], list[JobRow])

(job,) = flow.job.query("1").data
assert_type(job, JobRow)
assert_type(job["f_status"], JobStatus)
assert_type(job["f_role"], Role)
assert_type(job["f_elapsed"], int | None)
assert_type(job["f_roles"], dict[str, list[int]])

(task,) = flow.task.query("1").data
assert_type(task, TaskRow)
assert_type(task["f_component_name"], str)
assert_type(task["f_party_status"], JobStatus)
assert_type(task.get("f_error_report"), str | None)

assert_type(flow.job.list().rows, list[Row])
assert_type(flow.job.view("1").data, list[DataView])
assert_type(flow.table.info("n", "t"), Reply[TableInfo])
assert_type(flow.table.info("n", "t").data["count"], int)
assert_type(flow.data.upload("conf.json"), Reply[Uploaded])
assert_type(flow.data.upload({}, file=b"id,y\n").data["table_name"], str)

metrics = flow.component.metric_all("1", "guest", 9999, "evaluation_0")
assert_type(metrics.data["train"]["loss"], MetricAnswer)
assert_type(metrics.data["train"]["loss"]["meta"]["metric_type"], str)
assert_type(read_roc(metrics), tuple[RocCurve, ...])
assert_type(read_roc(metrics)[0].auc, float | None)
tables = flow.component.output_data_table("1", "guest", 9999, "lr_0")
assert_type(tables.data, list[OutputTable])

assert_type(flow.model.get_model_info("m", "v").data, list[ModelRow])
assert_type(flow.model.deploy("m", "v"), Reply[Deployed])
assert_type(flow.model.deploy("m", "v").data["model_version"], str)
assert_type(submitted.to_frame(), Any)

job["f_staus"]  # type: ignore[typeddict-item]  # pyright: ignore[reportTypedDictNotRequiredAccess, reportGeneralTypeIssues]
never: bool = job["f_status"] == "sucess"  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]
