"""client.job: submitting jobs, stopping them and running them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowkit.groups.base import Group
from flowkit.groups.fields import filter_fields, party_fields
from flowkit.inputs.arguments import (
    FilePath,
    Id,
    Source,
    identifier,
    mapping,
    names,
    optional,
    refusal,
    switch,
)
from flowkit.inputs.documents import configuration, load, pick, read_text
from flowkit.inputs.known_keys import warn_of_unknown_job_keys
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import Submitted

__all__ = ["JobSubmission"]

PARSER_VERSIONS = ("1", "2")


class JobSubmission(Group):
    """What starts, changes, stops and cleans up jobs."""

    def submit(
        self,
        conf_path: Source | None = None,
        dsl_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
        dsl_data: Mapping[str, Any] | None = None,
    ) -> Reply[Submitted]:
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
            UnknownKey: a warning: the configuration has a key that FATE does not read, with the
                nearest one that it does.
            OperationError: the server refuses the configuration or the DSL (100; 1.11: 103, with a
                traceback in ``error.retmsg``, whose last line ``error.message`` is). When
                a party refuses the job, ``error.reply.data`` holds the answers of all parties.

        Endpoint: ``POST job/submit``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        dsl: dict[str, Any] = {}
        if dsl_path is not None or dsl_data is not None:
            dsl = load(*pick("dsl_path", dsl_path, "dsl_data", dsl_data)).data
        warn_of_unknown_job_keys(conf.name, conf.data)
        return self._post("job.submit", {"job_dsl": dsl, "job_runtime_conf": conf.data})

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
            raise refusal("version", version, "1 or 2")
        return self._with_data(
            "job.generate_dsl", {"cpn_str": kept, "train_dsl": training, "version": parser}
        )

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

    def rerun(
        self, job_id: Id, component_name: Sequence[str] | str = "pipeline", force: bool = False
    ) -> Reply[None]:
        """Run the failed or canceled part of a finished job again.

        Args:
            job_id: the job.
            component_name: component to begin with, or ``"pipeline"`` for the whole job; servers
                from 1.7 on take a list as well.
            force: run what has succeeded, too, and what follows; for servers from 1.7 on.

        Raises:
            OperationError: the server does not know the job (102) or cannot rerun it (103).

        Endpoint: ``POST job/rerun``.
        """
        component: Any = component_name
        if not isinstance(component_name, str):
            listed = names("component_name", component_name)
            component = listed[0] if len(listed) == 1 else listed  # up to 1.6 it is one name
        return self._call(
            "job.rerun",
            job_id=identifier("job_id", job_id),
            component_name=component,
            force=True if switch("force", force) else None,
        )

    def parameter_update(
        self,
        job_id: Id,
        job_parameters: Mapping[str, Any] | None = None,
        component_parameters: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Change the parameters of a job before it is run again; servers from 1.7 on.

        Args:
            job_id: the job.
            job_parameters: new job parameters, shaped as in the runtime configuration.
            component_parameters: new component parameters, shaped as there.

        Returns:
            A reply whose data holds both as they are now, and the ``components`` affected.

        Raises:
            OperationError: the server does not know the job (102), or a party refuses (103).

        Endpoint: ``POST job/parameter/update``.
        """
        return self._call(
            "job.parameter_update",
            job_id=identifier("job_id", job_id),
            job_parameters=optional(mapping, "job_parameters", job_parameters),
            component_parameters=optional(mapping, "component_parameters", component_parameters),
        )

    def update(self, job_id: Id, role: str, party_id: Id, notes: str = "") -> Reply[None]:
        """Change the notes of a job, which `data.upload_history` shows.

        Args:
            job_id: the job.
            role: role of a party of the job.
            party_id: that party.
            notes: the new notes; the old ones are replaced.

        Raises:
            OperationError: the server does not know the job (101).

        Endpoint: ``POST job/update``.
        """
        return self._call("job.update", **party_fields(job_id, role, party_id), notes=notes)

    def clean(
        self,
        job_id: Id,
        role: str | None = None,
        party_id: Id | None = None,
        component_name: str | None = None,
    ) -> Reply[None]:
        """Delete the output tables and the metrics of a job; its rows and its model stay.

        The server would clean every job if none were named; that is not offered here.

        Args:
            job_id: the job.
            role: only those of this role.
            party_id: only those of this party.
            component_name: only those of this component.

        Raises:
            OperationError: nothing matches (100).

        Endpoint: ``POST job/clean``.
        """
        identifier("job_id", job_id)
        return self._call(
            "job.clean",
            **filter_fields(job_id, role, party_id, component_name),
        )
