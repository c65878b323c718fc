"""Tags: names with descriptions, attached to the versions of models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.rows import ModelRows
from flowkit_mockserver.store import Collection

__all__ = ["Tag", "Tags"]

Tag = dict[str, Any]
"""`name`, `description`, and `versions`, the model versions it is attached to, with the rank of each attachment."""


class Tags:
    """All tags of a server, in the order in which they were made.

    Args:
        documents: where they are kept.
        rows: the rows of the models.
    """

    def __init__(self, documents: Collection, rows: ModelRows) -> None:
        self._rows = rows
        # Keyed by a number, so that a tag that is renamed keeps its place.
        self._tags = documents

    def _key(self, name: object) -> str | None:
        return next((key for key, tag in self._tags.items() if tag["name"] == str(name)), None)

    def _known(self, name: object) -> str:
        key = None if name is None else self._key(name)
        if key is None:
            raise Refusal(f"Can not found '{name}' tag.")
        return key

    def create(self, name: object, description: object = None) -> None:
        """Make a tag.

        Raises:
            Refusal: the name is empty or taken.
        """
        if not name:
            raise Refusal(f"'{name}' tag created failed. Please input a valid tag name.")
        if self._key(name) is not None:
            raise Refusal(f"'{name}' has already exists in database.")
        number = 1 + max(map(int, self._tags), default=0)
        self._tags[str(number)] = {"name": str(name), "description": description, "versions": {}}

    def update(self, name: object, new_name: object, description: object) -> None:
        """Rename a tag and set its description, to nothing if none is given.

        Raises:
            Refusal: there is no such tag, nothing would change, or the new name is taken.
        """
        key = self._known(name)
        tag = self._tags[key]
        if tag["name"] == new_name and tag["description"] == description:
            raise Refusal("Nothing to be updated.")
        if new_name:
            if self._key(new_name) is not None:
                raise Refusal(f"'{new_name}' tag already exists.")
            tag["name"] = str(new_name)
        tag["description"] = description
        self._tags[key] = tag

    def destroy(self, name: object) -> None:
        """Delete a tag and detach it everywhere.

        Raises:
            Refusal: there is no such tag.
        """
        del self._tags[self._known(name)]

    def first(self, limit: Any) -> list[dict[str, Any]]:
        """Return the first `limit` tags with the number of versions each is attached to.

        Raises:
            TypeError: `limit` is not a number.
        """
        tags = list(self._tags.values())
        return [
            {**_show(tag), "model_count": len(tag["versions"])}
            for tag in (tags if limit > len(tags) else tags[:limit])
        ]

    def search(self, text: object) -> list[dict[str, Any]]:
        """Return the tags whose names contain `text`, in either case.

        Raises:
            Refusal: there are none.
        """
        found = [
            _show(tag) for tag in self._tags.values() if str(text).lower() in tag["name"].lower()
        ]
        if not found:
            raise Refusal("No tags found.")
        return found

    def models(self, name: object) -> list[dict[str, Any]]:
        """Return the models a tag is attached to, one entry for each party.

        Raises:
            Refusal: there is no such tag.
        """
        versions = self._tags[self._known(name)]["versions"]
        return [
            {
                "model_id": row["f_model_id"],
                "model_version": row["f_model_version"],
                "model_size": row["f_size"],
                "role": row["f_role"],
                "party_id": row["f_party_id"],
            }
            for version in sorted(versions, key=versions.__getitem__)
            for row in self._rows.find(model_version=version)
        ]

    # Tags of one model, which goes by the version, here called job id.

    def _model(self, job_id: object) -> Mapping[str, Any]:
        rows = () if job_id is None else self._rows.find(model_version=job_id)
        row = next(iter(rows), None)
        if row is None:
            raise Refusal(f"Can not found model by job id: '{job_id}'.")
        return row

    def of_model(self, job_id: object) -> list[dict[str, Any]]:
        """Return the tags of a model in the order in which they were attached.

        Raises:
            Refusal: there is no such model.
        """
        version = self._model(job_id)["f_model_version"]
        found = [tag for tag in self._tags.values() if version in tag["versions"]]
        return [_show(tag) for tag in sorted(found, key=lambda tag: tag["versions"][version])]

    def attach(self, job_id: object, name: object) -> None:
        """Attach a tag to a model; a tag that does not exist is made.

        Raises:
            Refusal: there is no such model, no name, or it is attached already.
        """
        row = self._model(job_id)
        if name is None:
            raise Refusal("ConstraintError: NOT NULL constraint failed: t_tags.f_name")
        if not str(name):
            raise Refusal("Tag name should not be an empty string.")
        if self._key(name) is None:
            self.create(name)
        key = self._known(name)
        tag = self._tags[key]
        version, versions = row["f_model_version"], tag["versions"]
        if version in versions:
            raise Refusal(
                f"Model {row['f_model_id']} {version} already been tagged as tag '{name}'."
            )
        ranks = (rank for other in self._tags.values() for rank in other["versions"].values())
        versions[version] = 1 + max(ranks, default=0)
        self._tags[key] = tag

    def detach(self, job_id: object, name: object) -> str:
        """Detach a tag from a model and return the text that says so.

        Raises:
            Refusal: there is no such model or tag, or it is not attached.
        """
        row = self._model(job_id)
        key = self._known(name)
        model = f"{row['f_model_id']} {row['f_model_version']}"
        tag = self._tags[key]
        if tag["versions"].pop(row["f_model_version"], None) is None:
            raise Refusal(f"Model {model} does not have tag '{name}'.")
        self._tags[key] = tag
        return f"'{name}' tag has been removed from tag list of model {model}."


def _show(tag: Tag) -> dict[str, Any]:
    return {"name": tag["name"], "description": tag["description"]}
