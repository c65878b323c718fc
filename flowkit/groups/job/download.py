"""client.job: configurations and logs of jobs, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowkit.decoding import require
from flowkit.files.downloads import check_destination, download_archive, write_documents
from flowkit.groups.base import Group
from flowkit.groups.fields import party_fields
from flowkit.inputs.arguments import FilePath, Id, identifier, path
from flowkit.reply import Reply

__all__ = ["JobDownload"]


class JobDownload(Group):
    """What is downloaded about a job."""

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
        data = require(reply, dict, "job.config")
        write_documents(directory, {key: value for key, value in data.items() if key != "job_id"})
        data.pop("dsl", None)
        data.pop("runtime_conf", None)
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
