"""The jobs of the server: submit, follow, stop, rerun, clean, and what their components put out.

Every method runs under `state.lock`, after `settle()`; party ids are accepted as int or str and compared as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.state import ServerState

__all__ = ["Jobs"]

Row = dict[str, Any]


class Jobs:
    """SIGNATURES FIRST (the bodies follow); code against these."""

    def __init__(self, state: ServerState) -> None:
        self.state = state

    # -- identifiers -------------------------------------------------------------------------------------------
    def new_job_id(self) -> str:
        """Return a fresh id: local time down to the microsecond and a counter, 21 digits."""
        raise NotImplementedError

    # -- submitting: each returns (job_id, data of the answer) ---------------------------------------------------
    def submit(
        self, job_dsl: Any, job_runtime_conf: Any, *, job_id: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Plan and queue a job (job/submit). Raises FlowFault with the text of the first problem."""
        raise NotImplementedError

    def submit_upload(
        self, config: Mapping[str, Any], *, job_id: str | None = None, content: Path | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Queue an Upload job of role local. `config` is checked and normalised by the view (name, backend, ints,
        destroy set as the real view does). `content`: spooled multipart file; then `config["file"]` may be its client
        file name (the conf shows <root>/jobs/<job_id>/fate_upload_tmp/<name>) and the job deletes it when it has run.
        Without: `config["file"]` is a path on the server. data = submit data only (the view adds table_name, namespace).
        """
        raise NotImplementedError

    def submit_download(self, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Queue a Download job of role local (data/download)."""
        raise NotImplementedError

    def submit_store(self, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Queue a ModelStore job (model/store): config has model_id, model_version, role, party_id[, force_update].
        When it is due, `state.models.store_model(pmid, version, force_update)` is called; ComponentFailed/FlowFault fails it.
        """
        raise NotImplementedError

    def submit_restore(self, config: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Queue a ModelRestore job (model/restore); when due calls `state.models.restore_model(pmid, version)`."""
        raise NotImplementedError

    # -- looking ---------------------------------------------------------------------------------------------------
    def exists(self, job_id: str) -> bool: raise NotImplementedError

    def rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Job rows (f_… columns, §3.4) that match column filters; no usable filter -> []."""
        raise NotImplementedError

    def task_rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Task rows (§3.5); latest versions only unless only_latest is false; no filter -> all."""
        raise NotImplementedError

    def status(self, job_id: str) -> str | None:
        """Status of the job (waiting, running, success, …) or None."""
        raise NotImplementedError

    def plan(self, job_id: str) -> Plan | None:
        """The plan of a job, or None when there is no such job."""
        raise NotImplementedError

    def initiator(self, job_id: str) -> tuple[str, str] | None:
        """(role, party_id) of the initiator, or None for an unknown job."""
        raise NotImplementedError

    def runtime_conf_on_party(self, job_id: str, role: str, party_id: int | str) -> dict[str, Any] | None:
        """f_runtime_conf_on_party of one row (its job_parameters hold model_id/model_version), or None."""
        raise NotImplementedError

    def data_view(self, job_id: str, role: str, party_id: int | str) -> dict[str, Any] | None:
        """{"partner","dataset","roles"} as recorded at submit (tracking/job/data_view), or None."""
        raise NotImplementedError

    # -- outputs: per component and party; party_id as text, None when the party has none (not run, failed, cleaned) ---
    def outputs(self, job_id: str, component: str, role: str, party_id: int | str) -> dict[str, Any] | None:
        """{"task_version": int, "tables": [{"data_name","namespace","name"}], "metrics": {ns: {name: {"data","meta"}}},
        "summary": dict | None, "model": Model document | None} of the newest version that ran.
        summary is of the OLDEST version that wrote one (server bug #40)."""
        raise NotImplementedError

    def output_records(self, filters: Mapping[str, Any]) -> list[Row]:
        """Rows of job/data/view/query (§3.7), grouped as the server does."""
        raise NotImplementedError

    def metric_day_known(self, day: str) -> bool:
        """Whether the metric table of a day (first 8 digits of the job id) exists: False -> SQLError no such table."""
        raise NotImplementedError

    def delete_metrics_of_day(self, day: str) -> bool:
        """Drop the metrics of all jobs of a day. Returns False when there was no such table."""
        raise NotImplementedError

    def delete_metrics(self, job_id: str, columns: Mapping[str, Any] | None = None) -> int:
        """Delete the metrics of a job, narrowed by role, party_id, component_name, task_id, metric_namespace …"""
        raise NotImplementedError

    def uploads(self, job_id: str | None = None) -> Iterator[tuple[str, dict[str, Any], str]]:
        """(job_id, upload_0 parameters of the conf, notes) of successful upload tasks, newest first (upload_history)."""
        raise NotImplementedError

    # -- changing --------------------------------------------------------------------------------------------------------
    def stop(self, job_id: str, status: str = "canceled") -> None:
        raise NotImplementedError

    def rerun(self, job_id: str, component: str | None) -> None:
        raise NotImplementedError

    def clean(self, filters: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def clean_queue(self) -> dict[str, int]:
        raise NotImplementedError

    def fail(
        self, component: str, message: str, *, role: str | None = None, party_id: int | str | None = None,
        times: int | None = None,
    ) -> None:
        """From now on a task of `component` fails with `message` on the party (None: the first that runs it);
        `times`: how often (None: always)."""
        raise NotImplementedError

    def settle(self) -> None:
        """Bring all jobs up to the present moment of the clock. Microseconds when nothing is due."""
        raise NotImplementedError

    def fates(self) -> Iterable[str]:
        """Ids of all jobs, oldest first."""
        raise NotImplementedError
