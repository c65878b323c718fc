"""client.model: making trained models ready for prediction, here or in a serving system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowkit.errors import ArgumentError
from flowkit.groups.base import Group
from flowkit.groups.fields import model_fields, trained_version
from flowkit.inputs.arguments import Id, Source, identifier, mapping, names, optional, refusal
from flowkit.inputs.documents import Document, configuration, load, local_file
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import Deployed

__all__ = ["ModelDeployment"]


class ModelDeployment(Group):
    """Models on their way into use."""

    def deploy(
        self,
        model_id: str,
        model_version: Id | None = None,
        cpn_list: Sequence[str] | str | None = None,
        predict_dsl: Source | None = None,
        components_checkpoint: Mapping[str, Any] | None = None,
    ) -> Reply[Deployed]:
        """Deploy a trained model: make a version of it that can predict.

        The new version is in ``reply.model_version``; the trained one stays, and can be deployed
        again.

        Args:
            model_id: the model.
            model_version: its version, the id of the job that trained it. The user guide calls it
                optional; servers require it, and so does this.
            cpn_list: components to keep for prediction; all by default.
            predict_dsl: a prediction DSL, as a mapping or a path, in place of `cpn_list`.
            components_checkpoint: the checkpoint to take of each component, ``{"hetero_lr_0":
                {"step_index": 3}}``; servers from 1.7 on.

        Returns:
            A reply whose data holds ``model_id``, ``model_version``, a code for each role and
            party, and their words in ``detail``.

        Raises:
            ArgumentError: there is no version.
            OperationError: there is no such model, or it is a deployed one (100, 101; 1.11: 404).
                ``error.reply.data["detail"]`` holds the parties' words.

        Endpoint: ``POST model/deploy``.
        """
        return self._call(
            "model.deploy",
            **model_fields(model_id, trained_version(model_version)),
            cpn_list=optional(names, "cpn_list", cpn_list),
            predict_dsl=None if predict_dsl is None else load("predict_dsl", predict_dsl).data,
            components_checkpoint=optional(mapping, "components_checkpoint", components_checkpoint),
        )

    def get_predict_dsl(self, model_id: str, model_version: Id) -> Reply[dict[str, Any]]:
        """Show the prediction DSL of a deployed model.

        Args:
            model_id: the model.
            model_version: its version, as `deploy` gave it.

        Returns:
            A reply whose data is the DSL; ``{}`` for a model that was not deployed.

        Raises:
            OperationError: there is no such model (210).

        Endpoint: ``POST model/get/predict/dsl``.
        """
        return self._call("model.get_predict_dsl", **model_fields(model_id, model_version))

    def get_predict_conf(self, model_id: str, model_version: Id) -> Reply[dict[str, Any]]:
        """Show a prediction configuration, in which the tables are to be filled in.

        Args:
            model_id: the model.
            model_version: its version, as `deploy` gave it.

        Returns:
            A reply whose data is the configuration.

        Raises:
            OperationError: there is no such model with a guest on this server (210).

        Endpoint: ``POST model/get/predict/conf``.
        """
        return self._call("model.get_predict_conf", **model_fields(model_id, model_version))

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
                raise refusal("config_file", str(file), must, str(error)) from error
        return self._post("model.homo_deploy", conf.data)


def _known_by(job_id: Id | None) -> dict[str, Any]:
    """Return the field that names a model by its version, where one was given."""
    known = optional(identifier, "job_id", job_id)
    return {} if known is None else {"job_id": known}
