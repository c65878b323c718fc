"""client.data: bringing tables to the server, and from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowkit.files.content import Content, content_file
from flowkit.files.uploads import MultipartBody, ProgressLine
from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields
from flowkit.inputs.arguments import Id, Source, identifier, integer, optional, switch
from flowkit.inputs.documents import configuration, local_file
from flowkit.inputs.known_keys import warn_of_unknown_upload_keys
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import Uploaded

__all__ = ["Data"]

History = list[dict[str, Any]]


class Data(Group):
    """Data tables on their way; ``client.table`` looks at those that are there."""

    def upload(
        self,
        conf_path: Source | None = None,
        verbose: int = 0,
        drop: int = 0,
        *,
        config_data: Mapping[str, Any] | None = None,
        file: Content | None = None,
    ) -> Reply[Uploaded]:
        """Upload a data table. The upload is a job of its own: wait for it before using the table.

        The configuration holds ``file``, ``head`` (1 when the first line is a header, else 0),
        ``partition``, ``namespace``, ``table_name`` and, up to 1.6, ``work_mode``. A relative
        ``file`` counts from the folder of the configuration, then from the current directory; the
        official SDK looks into its own installation. With ``use_local_data: 0`` the file lies on
        the server, and nothing but the configuration is sent.

        The file is read while it is sent; it takes no memory.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            verbose: 1 shows the progress on standard error.
            drop: 0: the server refuses a table that is there already; 1: it deletes the old one
                first. Counts in place of ``drop`` in the configuration, as with the official SDK,
                which however sends 2 for 0: the same to servers of 1.6, "delete" to later ones.
            config_data: `conf_path` under the name that SDK 1.11 has for it.
            file: what to send in place of the file that the configuration names: a path, bytes, a
                file open for reading (from where it stands), or a data frame of pandas or polars,
                whose first column is the id (an index of pandas goes first if it has a name) and
                for which ``head`` is 1.

        Returns:
            A reply whose ``job_id`` is the upload's and whose data holds ``namespace``,
            ``table_name`` and what `client.job.submit` gives.

        Raises:
            ArgumentError: the configuration or the file cannot be read, or the file changed while
                it was being sent.
            UnknownKey: a warning: the configuration has a key that FATE does not read, with the
                nearest one that it does.
            OperationError: the table exists and `drop` is 0, or the configuration lacks
                something (100).

        Endpoint: ``POST data/upload``.
        """
        shown, dropped = switch("verbose", verbose), switch("drop", drop)
        conf = configuration("conf_path", conf_path, other=config_data)
        warn_of_unknown_upload_keys(conf.name, conf.data)
        if file is None and not conf.data.get("use_local_data", 1):
            return self._post("data.upload", {**conf.data, "verbose": shown, "drop": dropped})
        with ExitStack() as stack:
            given = None if file is None else content_file(file, conf.data)
            sent = local_file(conf) if given is None else stack.enter_context(given)
            return self._send_file(sent, {**conf.data, "verbose": shown, "drop": dropped})

    def _send_file(self, file: Path, fields: dict[str, Any]) -> Reply[Uploaded]:
        progress = ProgressLine(file.name, self._client.clock) if fields["verbose"] else None
        body = MultipartBody(file, progress=progress)
        request = self._client.request(
            "data.upload",
            body=body,
            # The query is the JSON itself; whatever means something in a query must not stay bare.
            query=quote(json.dumps(fields), safe=""),
            headers={"Content-Type": body.content_type},
        )
        return self._client.send("data.upload", fields, request)

    def download(
        self,
        conf_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Have the server write a data table to a file, on its own disk. That is a job of its own.

        The configuration holds ``namespace``, ``table_name``, ``output_path`` and, up to 1.6,
        ``work_mode``; optionally ``delimiter``. A relative ``output_path`` is made absolute here,
        as the official SDK does; its folder must exist on the server.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply whose ``job_id`` is the download's; its data is as `client.job.submit` gives.

        Raises:
            ArgumentError: the configuration cannot be read.
            OperationError: the configuration lacks something (100).

        Endpoint: ``POST data/download``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        return self._post("data.download", conf.data)

    def writer(
        self,
        conf_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Copy a data table to another storage engine, by a job of its own; servers from 1.7 on.

        The configuration holds ``namespace`` and ``table_name``, and where the copy goes:
        ``storage_engine`` and ``address``, or ``output_namespace`` and ``output_name``.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            config_data: `conf_path` under the name that SDK 1.11 has for such an argument.

        Returns:
            A reply whose ``job_id`` is the copy's; its data is as `client.job.submit` gives.

        Raises:
            ArgumentError: the configuration cannot be read.
            OperationError: the configuration lacks something (100).

        Endpoint: ``POST data/writer``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        return self._post("data.writer", conf.data)

    def upload_history(self, limit: int = 10, job_id: Id | None = None) -> Reply[History]:
        """List past uploads, newest first, whose tables still exist.

        Args:
            limit: uploads at most; 0 is all of them.
            job_id: only the upload that was this job.

        Returns:
            A reply whose data is a list of mappings with one key each, the job id, to
            ``upload_info`` (namespace, table_name, partition, upload_count: rows), ``notes`` and
            ``schema``.

        Raises:
            OperationError: nothing was uploaded yet, or `job_id` is not known: servers of 1.6
                then answer 100 with a text about a tuple.

        Endpoint: ``POST data/upload/history``.
        """
        return self._call(
            "data.upload_history",
            limit=integer("limit", limit),
            job_id=optional(identifier, "job_id", job_id),
        )

    def view(
        self, job_id: Id, role: str | None = None, party_id: Id | None = None
    ) -> Reply[dict[str, Any]]:
        """Show partners, roles and datasets of a job.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.

        Returns:
            A reply whose data holds ``partner``, ``roles``, ``dataset`` (``namespace.name`` by
            role, party and reader) and ``model_summary``.

        Raises:
            OperationError: the server does not know the job (101).

        Endpoint: ``POST tracking/job/data_view``.
        """
        identifier("job_id", job_id)
        return self._call("data.view", **filter_fields(job_id, role, party_id))
