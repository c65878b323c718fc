"""client.model: trained models, their deployment and their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.groups.fields import model_fields
from flowkit.groups.model_files import ModelFiles
from flowkit.groups.serving import Serving
from flowkit.inputs.arguments import (
    Id,
    Source,
    identifier,
    mapping,
    names,
    optional,
    party,
    plain,
    refused,
    role,
    switch,
    text,
)
from flowkit.inputs.documents import load
from flowkit.reply import Reply

__all__ = ["Model"]

Rows = list[dict[str, Any]]


class Model(ModelFiles, Serving):
    """Models: trained, deployed, tagged.

    A model has an id, made of its roles and parties, and a version: the id of the job that trained
    it, or of the deployment that made it ready for prediction.
    """

    def tag_list(self, job_id: Id) -> Reply[dict[str, Any]]:
        """List the tags of a model.

        Args:
            job_id: version of the model: the id of the job that trained it.

        Returns:
            A reply whose data is ``{"tags": [{"name": …, "description": …}], "count": n}``.

        Raises:
            OperationError: there is no such model (100).

        Endpoint: ``POST model/model_tag/retrieve``.
        """
        return self._call("model.tag_list", job_id=identifier("job_id", job_id))

    def tag_model(self, job_id: Id, tag_name: str, remove: bool = False) -> Reply[None]:
        """Put a tag on a model, or take it off.

        Args:
            job_id: version of the model: the id of the job that trained it.
            tag_name: the tag; made when there is none of that name.
            remove: True takes the tag off.

        Raises:
            OperationError: there is no such model; it bears the tag already, or does not (100).

        Endpoint: ``POST model/model_tag/create``, or ``…/remove``.
        """
        body = {"job_id": identifier("job_id", job_id), "tag_name": text("tag_name", tag_name)}
        off = switch("remove", remove)
        return self._post("model.tag_model", body, path="model/model_tag/remove" if off else None)

    def deploy(
        self,
        model_id: str,
        model_version: Id | None = None,
        cpn_list: Sequence[str] | str | None = None,
        predict_dsl: Source | None = None,
        components_checkpoint: Mapping[str, Any] | None = None,
    ) -> Reply[dict[str, Any]]:
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
            **model_fields(model_id, _version(model_version)),
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

    def get_model_info(
        self,
        model_id: str | None = None,
        model_version: Id | None = None,
        role: str | None = None,
        party_id: Id | None = None,
        query_filters: Sequence[str] | str | None = None,
        **kwargs: Any,
    ) -> Reply[Rows]:
        """Show what is known of a model.

        Args:
            model_id: the model.
            model_version: its version; required by servers up to 1.6.
            role: only the rows of this role.
            party_id: only the rows of this party.
            query_filters: columns to return, such as ``["create_date", "parent"]``; all by
                default.
            kwargs: further fields to send. The official SDK hides them in a field ``kwargs``,
                where no server looks.

        Returns:
            A reply whose data is a list of rows, one for each role and party: ``f_model_id``,
            ``f_model_version``, ``f_role``, ``f_party_id``, ``f_parent`` (False once deployed),
            ``f_imported``, ``f_loaded_times``, ``f_size`` ….

        Raises:
            OperationError: there is no such model (100).

        Endpoint: ``POST model/query``.
        """
        needed = self._client.server == "1.6"
        return self._call(
            "model.get_model_info",
            model_id=optional(text, "model_id", model_id),
            model_version=_version(model_version) if needed or model_version is not None else None,
            **_part(role, party_id),
            query_filters=optional(names, "query_filters", query_filters),
            **{key: plain(key, value) for key, value in kwargs.items()},
        )


def _version(model_version: Id | None) -> str:
    """Return a model's version as it is sent."""
    if model_version is None:
        raise refused(
            "model_version", None, "given", "it is the id of the job that trained the model"
        )
    return identifier("model_version", model_version)


def _part(role_name: str | None, party_id: Id | None) -> dict[str, Any]:
    """Return the fields that name one party's part of a model."""
    return {
        "role": optional(role, "role", role_name),
        "party_id": optional(party, "party_id", party_id),
    }
