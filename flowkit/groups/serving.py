"""The part of client.model that hands models to a serving system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.groups.base import Group
from flowkit.inputs.arguments import Id, Source, identifier, optional, refused
from flowkit.inputs.documents import Document, configuration, local_file
from flowkit.reply import Reply

__all__ = ["Serving"]


class Serving(Group):
    """Models in a serving system."""

    def load(
        self,
        conf_path: Source | None = None,
        job_id: Id | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
        """Load a deployed model into the serving system, on all its parties.

        The configuration holds ``initiator``, ``role`` and ``job_parameters`` with ``model_id``
        and ``model_version``. It is posted once; the official SDK of 1.6 posts it twice.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            job_id: version of the model, in place of a configuration.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply whose data holds a code for each role and party, and their words in
            ``detail``.

        Raises:
            ArgumentError: both were given, or neither.
            OperationError: a party could not load it (101): the model is not deployed, or the
                server has no serving system.

        Endpoint: ``POST model/load``.
        """
        given = conf_path is not None or config_data is not None
        if given and job_id is not None:
            raise ArgumentError(
                "Load model failed. Please do not provide job id and conf path at the same time.",
                argument="job_id",
            )
        if job_id is not None:
            return self._call("model.load", job_id=identifier("job_id", job_id))
        if not given:
            raise ArgumentError(
                "Load model failed. No arguments received, "
                "please provide one of arguments from job id and conf path.",
                argument="conf_path",
            )
        conf = configuration("conf_path", conf_path, other=config_data)
        return self._post("model.load", conf.data)

    def bind(
        self,
        conf_path: Source | None = None,
        job_id: Id | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[None]:
        """Bind a loaded model to a service id.

        The configuration is that of `load`, with ``service_id`` and perhaps ``servings``,
        ``["host:port"]``.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            job_id: version of the model; the server then fills in what the configuration lacks.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply without data; ``retmsg`` names the service id.

        Raises:
            ArgumentError: the configuration cannot be read.
            OperationError: there is no service id (101), or no serving system (100).

        Endpoint: ``POST model/bind``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        return self._post("model.bind", conf.data | _known_by(job_id))

    def homo_convert(
        self,
        conf_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[Any]:
        """Convert a homogeneous model to a common format; servers from 1.7 on.

        The configuration holds ``model_id``, ``model_version``, ``role``, ``party_id`` and
        perhaps ``framework_name``.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply whose data lists ``component_name``, ``model_alias`` and
            ``converted_model_path``.

        Raises:
            OperationError: there is no such model, or nothing in it can be converted (100).

        Endpoint: ``POST model/homo/convert``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        return self._post("model.homo_convert", conf.data)

    def homo_deploy(
        self,
        conf_path: Source | None = None,
        *,
        config_data: Mapping[str, Any] | None = None,
    ) -> Reply[Any]:
        """Deploy a converted model to a serving system; servers from 1.7 on.

        The configuration holds ``service_id``, ``model_id``, ``model_version``, ``role``,
        ``party_id``, ``component_name``, ``deployment_type`` and ``deployment_parameters``. When
        the latter names a ``config_file``, its content is sent in its place.

        Args:
            conf_path: path of the configuration (JSON), or a mapping.
            config_data: `conf_path` under the name that SDK 1.11 has for it.

        Returns:
            A reply with what the serving system answered.

        Raises:
            ArgumentError: the configuration or the ``config_file`` cannot be read.
            OperationError: the server could not deploy it.

        Endpoint: ``POST model/homo/deploy``.
        """
        conf = configuration("conf_path", conf_path, other=config_data)
        parameters = conf.data.get("deployment_parameters")
        if isinstance(parameters, dict) and parameters.get("config_file"):
            named = {"file": parameters.pop("config_file")}
            where = f"deployment_parameters of {conf.name}"
            file = local_file(Document(where, named, "", conf.file))
            try:
                parameters["config_file_content"] = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                must = "a readable text file"
                raise refused("config_file", str(file), must, str(error)) from error
        return self._post("model.homo_deploy", conf.data)


def _known_by(job_id: Id | None) -> dict[str, Any]:
    """Return the field that names a model by its version, where one was given."""
    known = optional(identifier, "job_id", job_id)
    return {} if known is None else {"job_id": known}
