"""The shapes of what servers answer: the keys of rows and objects, for editors and type checkers.

They are plain dicts at run time. What every line from 1.5 to 1.11 has is required; the rest is marked with the line it
came or went with. Where a text is one of a few, these are all that FATE writes.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "DataView",
    "Deployed",
    "JobRow",
    "JobStatus",
    "MetricAnswer",
    "MetricMeta",
    "Metrics",
    "ModelInfo",
    "ModelRow",
    "OutputTable",
    "Role",
    "Submitted",
    "TableInfo",
    "TaskRow",
    "Uploaded",
    "WaitedJob",
]

Role = Literal["guest", "host", "arbiter", "local"]
JobStatus = Literal["waiting", "running", "success", "failed", "canceled", "timeout"]


class ModelInfo(TypedDict):
    """Which model a job makes or uses.

    Attributes:
        model_id: id of the model: ``arbiter-10000#guest-9999#host-10000#model``.
        model_version: its version; of a training the id of the job.
    """

    model_id: str
    model_version: str


class Submitted(TypedDict):
    """What ``job.submit`` answers.

    Attributes:
        job_id: the job.
        model_info: the model that it makes or uses.
        board_url: address of its page.
        logs_directory: folder of its logs on the server.
        pipeline_dsl_path: file on the server, as those below.
        train_runtime_conf_path: likewise.
        code: 0; from 1.7 on.
        message: ``success``; from 1.7 on.
        dsl_path: from 1.7 on.
        runtime_conf_path: from 1.7 on.
        runtime_conf_on_party_path: from 1.7 on.
        job_dsl_path: up to 1.6.
        job_runtime_conf_path: up to 1.6.
        job_runtime_conf_on_party_path: up to 1.6.
    """

    job_id: str
    model_info: ModelInfo
    board_url: str
    logs_directory: str
    pipeline_dsl_path: str
    train_runtime_conf_path: str
    code: NotRequired[int]
    message: NotRequired[str]
    dsl_path: NotRequired[str]
    runtime_conf_path: NotRequired[str]
    runtime_conf_on_party_path: NotRequired[str]
    job_dsl_path: NotRequired[str]
    job_runtime_conf_path: NotRequired[str]
    job_runtime_conf_on_party_path: NotRequired[str]


class Uploaded(Submitted):
    """What ``data.upload`` answers: the upload is a job of its own.

    Attributes:
        namespace: namespace of the table.
        table_name: its name.
    """

    namespace: str
    table_name: str


class JobRow(TypedDict):
    """A job as one party has it: a row of ``job.query``.

    Times are milliseconds since 1970 and None before they come; dates are texts of the server's local time.
    """

    f_job_id: str
    f_role: Role
    f_party_id: str
    f_status: JobStatus
    f_progress: int
    f_elapsed: int | None
    f_create_time: int
    f_create_date: str
    f_start_time: int | None
    f_start_date: str | None
    f_end_time: int | None
    f_end_date: str | None
    f_update_time: int
    f_update_date: str
    f_name: str
    f_tag: str
    f_description: str
    f_user: dict[str, Any]
    f_user_id: str
    f_roles: dict[str, list[int]]
    f_initiator_role: Role
    f_initiator_party_id: str
    f_is_initiator: bool
    f_dsl: dict[str, Any]
    f_runtime_conf: dict[str, Any]
    f_runtime_conf_on_party: dict[str, Any]
    f_train_runtime_conf: dict[str, Any]
    f_cores: int
    f_memory: int
    f_remaining_cores: int
    f_remaining_memory: int
    f_resource_in_use: bool
    f_apply_resource_time: int | None
    f_return_resource_time: int | None
    f_engine_name: str
    f_engine_type: str
    f_cancel_signal: bool
    f_cancel_time: int | None
    f_ready_signal: bool
    f_ready_time: int | None
    f_rerun_signal: bool
    f_end_scheduling_updates: int
    f_status_code: int | None
    f_work_mode: NotRequired[int]  # up to 1.6
    f_inheritance_info: NotRequired[dict[str, Any]]  # from 1.8 on
    f_inheritance_status: NotRequired[str]  # from 1.8 on


class TaskRow(TypedDict):
    """A component as one party runs it: a row of ``task.query``.

    ``f_status`` is that over all parties, ``f_party_status`` that on this one. Times are milliseconds since 1970.
    """

    f_job_id: str
    f_component_name: str
    f_task_id: str
    f_task_version: int
    f_role: Role
    f_party_id: str
    f_status: JobStatus
    f_party_status: JobStatus
    f_status_code: int | None
    f_elapsed: int | None
    f_create_time: int
    f_create_date: str
    f_start_time: int | None
    f_start_date: str | None
    f_end_time: int | None
    f_end_date: str | None
    f_update_time: int
    f_update_date: str
    f_initiator_role: Role
    f_initiator_party_id: str
    f_federated_mode: str
    f_federated_status_collect_type: str
    f_engine_conf: dict[str, Any]
    f_run_ip: str
    f_run_pid: int | None
    f_run_on_this_party: bool
    f_component_module: NotRequired[str]  # from 1.7 on, as the next five
    f_component_parameters: NotRequired[dict[str, Any]]
    f_provider_info: NotRequired[dict[str, Any]]
    f_worker_id: NotRequired[str]
    f_auto_retries: NotRequired[int]
    f_auto_retry_delay: NotRequired[int]
    f_error_report: NotRequired[str]  # from 1.9 on, as the next two
    f_kill_status: NotRequired[bool]
    f_run_port: NotRequired[int]


class WaitedJob(TypedDict):
    """What ``job.wait`` answers.

    Attributes:
        job_id: the job.
        status: success; other ends are a `JobFailed`.
        progress: per cent.
        elapsed: milliseconds.
        role: role of the initiator.
        party_id: the initiator.
        model_info: the model that it made or used.
        rows: its rows, one for each role and party.
    """

    job_id: str
    status: JobStatus
    progress: int
    elapsed: int
    role: Role
    party_id: str
    model_info: ModelInfo
    rows: list[JobRow]


class MetricMeta(TypedDict):
    """What describes a metric; more keys depend on its type.

    Attributes:
        name: name of the metric.
        metric_type: FATE's type, such as ``LOSS``; see `flowkit.results`.
        curve_name: what a curve is called.
        unit_name: what its x is.
        thresholds: the thresholds of its points.
    """

    name: str
    metric_type: str
    curve_name: NotRequired[str]
    unit_name: NotRequired[str]
    thresholds: NotRequired[list[float]]


class MetricAnswer(TypedDict):
    """One metric of ``component.metric_all``.

    Attributes:
        data: pairs of a key and a value.
        meta: what describes them.
    """

    data: list[list[Any]]
    meta: MetricMeta


#: What ``component.metric_all`` answers: metrics by namespace and name.
Metrics = dict[str, dict[str, MetricAnswer]]


class TableInfo(TypedDict):
    """What ``table.info`` answers.

    Attributes:
        namespace: namespace of the table.
        table_name: its name.
        exist: 1 when there is such a table, else 0.
        count: its rows; None where `exist` is 0, as the next two.
        partition: its partitions.
        schema: ``header``, the columns with commas between them, and ``sid``, the id's.
        address: where it lies; from 1.7 on.
        enable: whether jobs may use it; from 1.7 on.
        origin: what made it; from 1.7 on.
        extend_sid: whether ids were made; from 1.7 on.
    """

    namespace: str
    table_name: str
    exist: int
    count: int
    partition: int
    schema: dict[str, Any]
    address: NotRequired[dict[str, Any]]
    enable: NotRequired[bool]
    origin: NotRequired[str]
    extend_sid: NotRequired[bool]


class OutputTable(TypedDict):
    """A row of ``component.output_data_table``.

    Attributes:
        data_name: name of the output in the DSL's sense: ``data``, ``train_data``.
        table_name: name of the table.
        table_namespace: its namespace.
    """

    data_name: str
    table_name: str
    table_namespace: str


class DataView(TypedDict):
    """A table that a component put out: a row of ``job.view``."""

    f_job_id: str
    f_role: Role
    f_party_id: str
    f_component_name: str
    f_data_name: str
    f_table_name: str
    f_table_namespace: str
    f_task_id: str
    f_task_version: int
    f_description: str
    f_create_time: int
    f_create_date: str | None
    f_update_time: int | None
    f_update_date: str | None


class ModelRow(TypedDict):
    """A model as one party has it: a row of ``model.get_model_info``."""

    f_model_id: str
    f_model_version: str
    f_role: Role
    f_party_id: str
    f_job_id: str
    f_fate_version: str
    f_initiator_role: Role
    f_initiator_party_id: str
    f_roles: dict[str, list[int]]
    f_parent: bool
    f_parent_info: dict[str, Any]
    f_imported: int
    f_loaded_times: int
    f_size: int
    f_train_dsl: dict[str, Any]
    f_inference_dsl: dict[str, Any]
    f_runtime_conf: dict[str, Any]
    f_runtime_conf_on_party: dict[str, Any]
    f_train_runtime_conf: dict[str, Any]
    f_create_time: int
    f_create_date: str
    f_update_time: int
    f_update_date: str
    f_description: NotRequired[str]  # up to 1.8, as the next
    f_job_status: NotRequired[JobStatus]
    f_work_mode: NotRequired[int]  # up to 1.6
    f_archive_sha256: NotRequired[str | None]  # from 1.9 on, as the next
    f_archive_from_ip: NotRequired[str | None]


class Deployed(TypedDict):
    """What ``model.deploy`` answers, beside the answers of each role by party.

    Attributes:
        model_id: the model.
        model_version: the version that can predict.
        detail: what each party said, by role and party.
    """

    model_id: str
    model_version: str
    detail: dict[str, dict[str, Any]]
    guest: NotRequired[dict[str, Any]]
    host: NotRequired[dict[str, Any]]
    arbiter: NotRequired[dict[str, Any]]
