"""client.model: moving models to files, to the server's database, and to other parties."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit.files.downloads import download_file
from flowkit.files.uploads import MultipartBody
from flowkit.groups.base import Group
from flowkit.groups.fields import model_fields
from flowkit.inputs.arguments import Id, Source, path, refusal, switch
from flowkit.inputs.documents import Document, configuration, local_file
from flowkit.reply import Reply

__all__ = ["ModelTransfer"]


class ModelTransfer(Group):
    """Models that leave one place for another."""

    def export_model(
        self,
        conf_path: Source | None = None,
        to_database: bool = False,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[Any]:
        """Export a model to a file, or to the database that the server is configured with.

        The configuration holds ``model_id``, ``model_version``, ``role`` and ``party_id``; for a
        file also ``output_path``, the directory to write to.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            to_database: True stores the model in the server's database, by a job of its own; see
                `store`.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply with ``file``: ``<output_path>/<role>#<party_id>#<model_id>_<version>.zip``;
            with `to_database` a reply as `client.job.submit` gives.

        Raises:
            ArgumentError: the configuration cannot be read, or lacks something.
            OperationError: there is no such model (210; 1.11: 404).
            ArchiveError: what came is no zip file, or not a whole one.
            FlowError: the file cannot be written.

        Endpoint: ``GET model/export``, or ``POST model/store``.
        """
        stored = switch("to_database", to_database)
        conf = configuration("conf_path", conf_path, other=config_data)
        if stored:
            return self._post("model.store", conf.data)
        model = _model_of(conf)
        title = "{role}#{party_id}#{model_id}_{model_version}.zip".format(**model)
        if Path(title).name != title:
            raise refusal(f"model_id in {conf.name}", model["model_id"], "a name, not a path")
        folder = path(f"output_path in {conf.name}", conf.data.get("output_path"))
        return download_file(self._client, "model.export_model", conf.data, Path(folder, title))

    def import_model(
        self,
        conf_path: Source | None = None,
        from_database: bool = False,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[Any]:
        """Import a model from a file, or from the database that the server is configured with.

        The configuration holds ``model_id``, ``model_version``, ``role`` and ``party_id``, which
        may differ from those it was exported under; for a file also ``file``. A relative ``file``
        counts from the folder of the configuration, then from the current directory.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            from_database: True restores the model from the server's database, by a job of its
                own; see `restore`.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply; from 1.7 on its data holds the ids. With `from_database` it is as
            `client.job.submit` gives.

        Raises:
            ArgumentError: the configuration or the file cannot be read.
            OperationError: the server has the model already, or the file is no model of that
                party (100; 1.11: 409, 400).

        Endpoint: ``POST model/import``, or ``POST model/restore``.
        """
        restored = switch("from_database", from_database)
        conf = configuration("conf_path", conf_path, other=config_data)
        if restored:
            return self._post("model.restore", conf.data)
        _model_of(conf)
        fields = {key: _field(value) for key, value in conf.data.items() if value is not None}
        body = MultipartBody(local_file(conf), fields, content_type=None)
        headers = {"Content-Type": body.content_type}
        request = self._client.request(
            "model.import_model", body=body, headers=headers, form=fields
        )
        return self._client.send("model.import_model", conf.data, request)

    def migrate(
        self,
        conf_path: Source | None = None,
        to_database: bool = False,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Copy a model to other party ids, as files on the server, to be imported afterwards.

        The configuration holds ``job_parameters``, ``role``, ``execute_party``,
        ``migrate_initiator``, ``migrate_role``, ``model_id``, ``model_version`` and perhaps
        ``unify_model_version``; ``job_parameters`` names the ``federated_mode``. Look at
        ``detail``: a party's failure does not change the retcode.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            to_database: in the user guide, but neither in the official SDK nor in any server;
                True is sent along, and ignored there.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply whose data holds a code for each role and party, and in ``detail`` their
            words: where the file lies, and the new id and version.

        Raises:
            ArgumentError: the configuration cannot be read, or its job parameters name no
                ``federated_mode``.
            OperationError: the new roles are the old ones, or not shaped alike (100).

        Endpoint: ``POST model/migrate``.
        """
        stored = switch("to_database", to_database)
        conf = configuration("conf_path", conf_path, other=config_data)
        parameters = conf.data.get("job_parameters")
        if isinstance(parameters, Mapping) and "federated_mode" not in parameters:
            raise refusal(
                f"job_parameters in {conf.name}",
                parameters,
                'a mapping with "federated_mode"',
                "servers fail without it and do not say why; it is SINGLE on a standalone server, else MULTIPLE",
            )
        further = {"to_database": True} if stored else {}
        return self._post("model.migrate", conf.data | further)

    def store(
        self,
        model_id: str,
        model_version: Id,
        role: str,
        party_id: Id,
        force_update: bool | None = None,
    ) -> Reply[dict[str, Any]]:
        """Store a model in the database that the server is configured with, by a job of its own.

        Args:
            model_id: the model.
            model_version: its version.
            role: role of the party whose part is stored.
            party_id: that party.
            force_update: True overwrites what is stored already.

        Returns:
            A reply as `client.job.submit` gives.

        Raises:
            OperationError: the server refuses (100). Without such a database the job fails.

        Endpoint: ``POST model/store``.
        """
        fields = model_fields(model_id, model_version, role, party_id)
        return self._call("model.store", **fields, force_update=force_update)

    def restore(
        self, model_id: str, model_version: Id, role: str, party_id: Id
    ) -> Reply[dict[str, Any]]:
        """Restore a model from the database that the server is configured with, by a job.

        Args:
            model_id: the model.
            model_version: its version.
            role: role of the party whose part is restored.
            party_id: that party.

        Returns:
            A reply as `client.job.submit` gives.

        Raises:
            OperationError: the server refuses (100). Without such a database the job fails.

        Endpoint: ``POST model/restore``.
        """
        return self._call("model.restore", **model_fields(model_id, model_version, role, party_id))


def _model_of(conf: Document) -> dict[str, Any]:
    """Return the ids that a configuration names a party's model by."""
    keys = ("model_id", "model_version", "role", "party_id")
    for key in keys:
        if conf.data.get(key) in (None, ""):
            raise refusal(f"{key} in {conf.name}", None, "given", f"needed are {', '.join(keys)}")
    return model_fields(*(conf.data[key] for key in keys))


def _field(value: Any) -> str:
    """Return a value of a configuration as a field of a form."""
    return str(int(value)) if isinstance(value, bool) else str(value)
