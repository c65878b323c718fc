"""client.model: what is known of a model, and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flowkit.changes import MODEL_VERSION_NEEDED
from flowkit.groups.base import Group
from flowkit.groups.fields import trained_version
from flowkit.inputs.arguments import (
    Id,
    identifier,
    names,
    optional,
    party,
    plain,
    role,
    switch,
    text,
)
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.shapes import ModelRow

__all__ = ["ModelQuery"]

Rows = list["ModelRow"]


class ModelQuery(Group):
    """What is known of models."""

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
            model_version: its version; required by servers up to 1.8.
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
        needed = model_version is None and MODEL_VERSION_NEEDED.holds_on(self._client.server_line())
        return self._call(
            "model.get_model_info",
            model_id=optional(text, "model_id", model_id),
            model_version=trained_version(model_version)
            if needed or model_version is not None
            else None,
            **_part(role, party_id),
            query_filters=optional(names, "query_filters", query_filters),
            **{key: plain(key, value) for key, value in kwargs.items()},
        )

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


def _part(role_name: str | None, party_id: Id | None) -> dict[str, Any]:
    """Return the fields that name one party's part of a model."""
    return {
        "role": optional(role, "role", role_name),
        "party_id": optional(party, "party_id", party_id),
    }
