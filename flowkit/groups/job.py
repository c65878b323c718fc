"""client.job: submitting, watching and stopping jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowkit.files.downloads import check_destination, download_archive, write_documents
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.groups.upkeep import Upkeep
from flowkit.inputs.arguments import (
    FilePath,
    Id,
    Source,
    identifier,
    integer,
    names,
    optional,
    path,
    refused,
    seconds,
)
from flowkit.inputs.documents import configuration, load, pick, read_text
from flowkit.jobs.wait import POLL, OnChange, Poll, wait_for_job
from flowkit.reply import Reply

__all__ = ["Job"]

Rows = list[dict[str, Any]]
PARSER_VERSIONS = ("1", "2")


class Job(Upkeep):
    """Jobs: pipelines of components that the parties run together."""

    def submit(
        self,
        conf_path: Source | None = None,
        dsl_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
        dsl_data: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Submit a job: a runtime configuration and a DSL.

        The user guide calls the DSL required; a prediction has none, its model brings its own.

        Args:
            conf_path: path of the runtime configuration (JSON), or a mapping.
            dsl_path: path of the DSL (JSON), or a mapping; left out for a prediction.
            config_data: `conf_path` under the name that SDK 1.11 has for it.
            dsl_data: `dsl_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply whose ``job_id`` is the job's and whose data holds ``model_info``,
            ``board_url``, ``logs_directory`` and the paths of the job's files on the server.

        Raises:
            ArgumentError: a file cannot be read or is not JSON; nothing was sent.
            OperationError: the server refuses the configuration or the DSL (100; 1.11: 103). When
                a party refuses the job, ``error.reply.data`` holds the answers of all parties.

        Endpoint: ``POST job/submit``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        dsl: dict[str, Any] = {}
        if dsl_path is not None or dsl_data is not None:
            dsl = load(*pick("dsl_path", dsl_path, "dsl_data", dsl_data)).data
        return self._post("job.submit", {"job_dsl": dsl, "job_runtime_conf": conf.data})

    def stop(self, job_id: Id) -> Reply[None]:
        """Cancel a waiting job or stop a running one.

        Stopping a job that has ended is no error; its status stays.

        Args:
            job_id: the job.

        Raises:
            OperationError: the server does not know the job (102), or a party could not be
                stopped (103).

        Endpoint: ``POST job/stop``.
        """
        return self._call("job.stop", job_id=identifier("job_id", job_id))

    def query(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        status: str | None = None,
        *,
        component_name: str | None = None,
    ) -> Reply[Rows]:
        """Look up jobs by filters.

        A job has one row for each role and party that the server plays. Without a filter the
        server answers with no rows, not with all of them; `list` gives those.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            status: waiting, running, success, failed, canceled or timeout.
            component_name: sent along as the official SDK does (there it stands before `status`);
                no server filters jobs by it.

        Returns:
            A reply whose data is a list of rows: ``f_status``, ``f_progress`` (per cent),
            ``f_role``, ``f_party_id``, ``f_create_time`` (ms) …. Empty, with retcode 0, when
            nothing matches.

        Endpoint: ``POST job/query``.
        """
        return self._call(
            "job.query", **filter_fields(job_id, role, party_id, component_name, status)
        )

    def config(self, job_id: Id, role: str, party_id: Id, output_path: FilePath) -> Reply[Any]:
        """Download the configuration of a job, as JSON files.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            output_path: directory in which ``job_<job_id>_config`` is made, with ``dsl.json``,
                ``runtime_conf.json``, ``train_runtime_conf.json`` and ``model_info.json``.

        Returns:
            A reply with ``directory``; its data holds ``job_id``, ``model_info`` and
            ``train_runtime_conf``. The DSL and the configuration are in the files only.

        Raises:
            OperationError: the server does not know the job (101).
            FlowError: the files cannot be written.

        Endpoint: ``POST job/config``.
        """
        fields, folder = party_fields(job_id, role, party_id), path("output_path", output_path)
        directory = Path(folder, f"job_{fields['job_id']}_config")
        check_destination(directory, directory=True)
        reply: Reply[Any] = self._post("job.config", {**fields, "output_path": folder})
        documents = {key: value for key, value in reply.data.items() if key != "job_id"}
        write_documents(directory, documents)
        reply.data.pop("dsl", None)
        reply.data.pop("runtime_conf", None)
        reply["directory"] = str(directory)
        reply["retmsg"] = f"download successfully, please check {directory} directory"
        return reply

    def log(self, job_id: Id, output_path: FilePath) -> Reply[Any]:
        """Download the log files of a job.

        Args:
            job_id: the job; never empty, for then the server would send the logs of all jobs.
            output_path: directory in which ``job_<job_id>_log`` is made. What it held from an
                earlier download is replaced once the new one is complete.

        Returns:
            A reply with ``directory``. Below it: ``<role>/<party_id>/<component>/*.log``.

        Raises:
            OperationError: there is no log of that job (210; 1.11: 404).
            ArchiveError: the archive is damaged, unsafe or too large.
            FlowError: the files cannot be written.

        Endpoint: ``GET job/log``; from 1.7 on ``POST job/log/download``.
        """
        job = identifier("job_id", job_id)
        body = {"job_id": job, "output_path": path("output_path", output_path)}
        directory = Path(body["output_path"], f"job_{job}_log")
        return download_archive(self._client, "job.log", body, directory)

    def list(self, limit: int = 10) -> Reply[Any]:
        """List jobs, newest first.

        Args:
            limit: rows at most; 0 or less is all of them. A job has a row for each role and party.

        Returns:
            A reply whose data is a list of rows as `query` gives; from 1.11 on it is
            ``{"jobs": [...], "count": n}``, with names that lack the ``f_``.

        Raises:
            OperationError: there are no jobs yet (101).

        Endpoint: ``POST job/list/job``.
        """
        return self._call("job.list", limit=integer("limit", limit))

    def view(
        self,
        job_id: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        status: str | None = None,
        *,
        component_name: str | None = None,
    ) -> Reply[Rows]:
        """List the data views of jobs: the tables that their components put out.

        Name role and party: without them the server keeps one party's table of each output and
        drops the others.

        Args:
            job_id: the job.
            role: guest, host, arbiter or local.
            party_id: the party.
            status: sent along as the official SDK does; the server ignores it.
            component_name: the component that put the tables out.

        Returns:
            A reply whose data is a list of rows: ``f_table_name``, ``f_table_namespace``,
            ``f_data_name``, ``f_component_name`` ….

        Raises:
            OperationError: nothing matches (101).

        Endpoint: ``POST job/data/view/query``.
        """
        return self._call(
            "job.view", **filter_fields(job_id, role, party_id, component_name, status)
        )

    def generate_dsl(
        self,
        train_dsl_path: Source | None = None,
        cpn_file_path: FilePath | None = None,
        cpn_list: Sequence[str] | str | None = None,
        version: int | str | None = None,
        *,
        train_dsl: Source | None = None,
        cpn: Sequence[str] | str | None = None,
    ) -> Reply[dict[str, Any]]:
        """Derive a prediction DSL from a training DSL.

        Args:
            train_dsl_path: path of the training DSL (JSON), or a mapping.
            cpn_file_path: file that names the components to keep, with commas between them.
            cpn_list: those components as a list; wins over `cpn_file_path`.
            version: version of the DSL parser, 1 or 2. The user guide says 1 by default; the
                official SDK always sends 2, as is done here, because 1.6 cannot derive with 1.
            train_dsl: `train_dsl_path` as in SDK 1.11: a mapping, or JSON text.
            cpn: `cpn_list` as in SDK 1.11: a list, or a text with commas.

        Returns:
            A reply whose data is the prediction DSL; ``{}`` when the server sent none.

        Raises:
            ArgumentError: a file cannot be read or is not JSON.
            OperationError: no components were named, one is unknown, or the DSL is wrong (210);
                the reason is in the server's log.

        Endpoint: ``POST job/dsl/generate``.
        """
        kept: Any = ""
        if cpn_list or cpn:
            chosen, listed = ("cpn_list", cpn_list) if cpn_list else ("cpn", cpn)
            kept = listed if isinstance(listed, str) else names(chosen, listed)
        elif cpn_file_path is not None:
            kept = read_text("cpn_file_path", cpn_file_path)[1]
        if isinstance(train_dsl, str) and train_dsl.lstrip()[:1] == "{":
            training = train_dsl
        else:
            training = load(*pick("train_dsl_path", train_dsl_path, "train_dsl", train_dsl)).text
        parser = "2" if version is None else str(version)
        if parser not in PARSER_VERSIONS:
            raise refused("version", version, "1 or 2")
        return self._with_data(
            "job.generate_dsl", {"cpn_str": kept, "train_dsl": training, "version": parser}
        )

    def wait(
        self,
        job_id: Id,
        timeout: float | None = None,
        on_change: OnChange | None = None,
        poll: Poll = POLL,
    ) -> Reply[dict[str, Any]]:
        """Wait until a job has ended.

        The status is that of the initiator's row. Plugins follow through
        ``flowkit_job_changed``; time is the client's clock's.

        Args:
            job_id: the job.
            timeout: seconds to wait at most; None waits for ever.
            on_change: called with the job, a mapping with ``job_id``, ``status``, ``progress``
                (per cent) and ``rows``, whenever status or progress has changed.
            poll: seconds between two looks: the shortest and the longest pause, or one number for
                both. Pauses grow, so that a quick job is noticed at once.

        Returns:
            A reply whose data holds ``job_id``, ``status``, ``progress``, ``elapsed`` (ms),
            ``role``, ``party_id``, ``model_info`` and ``rows``.

        Raises:
            ArgumentError: the server does not know the job.
            JobFailed: it ended as failed, canceled or timeout; with component, party and reason
                as far as the server tells.
            TimedOut: it has not ended in time; it goes on.

        Endpoint: ``POST job/query``, repeatedly.
        """
        pauses = poll if isinstance(poll, tuple) else (poll, poll)
        for pause in pauses:
            if not seconds("poll", pause):
                raise refused("poll", poll, "seconds above 0, or a pair of them")
        return wait_for_job(
            self._client,
            identifier("job_id", job_id),
            timeout=optional(seconds, "timeout", timeout),
            on_change=on_change,
            poll=pauses,
        )
