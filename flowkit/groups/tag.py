"""client.tag: names that can be put on models."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs.arguments import integer, refusal, switch, text
from flowkit.reply import Reply

__all__ = ["Tag"]


class Tag(Group):
    """Tags as such; ``client.model.tag_model`` puts one on a model."""

    def create(self, tag_name: str, tag_desc: str | None = None) -> Reply[None]:
        """Create a tag.

        Args:
            tag_name: the tag's name, unique on the server, at most 100 characters.
            tag_desc: a description.

        Returns:
            A reply without data. FATE Flow 1.6 puts its sentence into ``retcode`` instead of 0;
            ``reply.ok`` knows.

        Raises:
            ArgumentError: the name is empty.
            OperationError: the name is taken (100).

        Endpoint: ``POST model/tag/create``.
        """
        return self._call("tag.create", tag_name=text("tag_name", tag_name), tag_desc=tag_desc)

    def update(
        self,
        tag_name: str,
        new_tag_name: str | None = None,
        new_tag_desc: str | None = None,
    ) -> Reply[None]:
        """Rename or re-describe a tag.

        The server overwrites the description always: leaving `new_tag_desc` out erases it.

        Args:
            tag_name: the present name.
            new_tag_name: the new name.
            new_tag_desc: the new description.

        Raises:
            OperationError: there is no such tag, the new name is taken, or nothing would change.

        Endpoint: ``POST model/tag/update``.
        """
        return self._call(
            "tag.update",
            tag_name=text("tag_name", tag_name),
            new_tag_name=new_tag_name,
            new_tag_desc=new_tag_desc,
        )

    def list(self, limit: int = 10) -> Reply[dict[str, Any]]:
        """List the tags, oldest first.

        Args:
            limit: tags at most. A negative one would cut tags off the end; it is refusal.

        Returns:
            A reply whose ``data["tags"]`` is a list of name, description and model_count.

        Endpoint: ``POST model/tag/list``.
        """
        most = integer("limit", limit)
        if most < 0:
            raise refusal("limit", limit, "a whole number from 0 on")
        return self._call("tag.list", limit=most)

    def query(self, tag_name: str, with_model: bool = False) -> Reply[dict[str, Any]]:
        """Look up tags by name.

        Args:
            tag_name: part of the name; with `with_model`, the whole name.
            with_model: return the models that bear the tag, instead of the tag.

        Returns:
            A reply whose data is ``{"tags": [...]}``, or ``{"models": [...], "count": n}`` with
            one entry for each role and party of a model.

        Raises:
            OperationError: no tag matches (100).

        Endpoint: ``POST model/tag/retrieve``.
        """
        return self._call(
            "tag.query",
            tag_name=text("tag_name", tag_name),
            with_model=bool(switch("with_model", with_model)),
        )

    def delete(self, tag_name: str) -> Reply[None]:
        """Delete a tag and take it off every model.

        Args:
            tag_name: the tag's name.

        Raises:
            OperationError: there is no such tag (100).

        Endpoint: ``POST model/tag/destroy``.
        """
        return self._call("tag.delete", tag_name=text("tag_name", tag_name))
