"""model/tag/… and model/model_tag/…: tags, and which models bear them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.tags import Tags
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("tag", __name__, url_prefix="/model")

Operation = Callable[[Tags, Any], Response]


@blueprint.post("/tag/<operation>")
def tag(operation: str) -> Response:
    """Make, change, delete or look for tags (POST model/tag/create, update, list, retrieve, destroy)."""
    config = request_json()
    if operation not in _TAG:
        raise Refusal(f"The {operation} operation is not currently supported.")
    with server_texts():
        return _TAG[operation](current_state().tags, config)


@blueprint.post("/model_tag/<operation>")
def model_tag(operation: str) -> Response:
    """Attach, detach or list the tags of a model (POST model/model_tag/create, remove, retrieve)."""
    if operation not in _MODEL_TAG:
        raise Refusal(f"'{operation}' is not currently supported.")
    config = request_json()
    with server_texts():
        return _MODEL_TAG[operation](current_state().tags, config)


def _refuse_empty_lists(*values: Any) -> None:
    """Refuse lists of none, for which the database of the later lines has no SQL.

    Raises:
        Refusal: one of the values is such a list.
    """
    if current_state().dialect.reworked and [] in values:
        raise Refusal('SQLError: near ")": syntax error')


def _create(tags: Tags, config: Any) -> Response:
    name = config.get("tag_name")
    tags.create(name, config.get("tag_desc"))
    text = f"'{name}' tag has been created successfully."
    if current_state().dialect.own_project:
        return success(retmsg=text)
    # The real server gives its text as the return code.
    return success(retcode=text)


def _update(tags: Tags, config: Any) -> Response:
    name = config.get("tag_name")
    _refuse_empty_lists(name)
    tags.update(name, config.get("new_tag_name"), config.get("new_tag_desc"))
    return success(retmsg=f"Infomation of '{name}' tag has been updated successfully.")


def _list(tags: Tags, config: Any) -> Response:
    return success({"tags": tags.first(config.get("limit"))})


def _retrieve(tags: Tags, config: Any) -> Response:
    name = config.get("tag_name")
    if config.get("with_model"):
        models = tags.models(name)
        return success({"models": models, "count": len(models)})
    return success({"tags": tags.search(name)})


def _destroy(tags: Tags, config: Any) -> Response:
    name = config.get("tag_name")
    _refuse_empty_lists(name)
    tags.destroy(name)
    return success(retmsg=f"'{name}' tag has been deleted successfully.")


def _attach(tags: Tags, config: Any) -> Response:
    job_id, name = config.get("job_id"), config.get("tag_name")
    _refuse_empty_lists(job_id, name)
    tags.attach(job_id, name)
    return success(retmsg=f"Adding {name} tag for model with job id: {job_id} successfully.")


def _detach(tags: Tags, config: Any) -> Response:
    _refuse_empty_lists(config.get("job_id"), config.get("tag_name"))
    return success(retmsg=tags.detach(config.get("job_id"), config.get("tag_name")))


def _of_model(tags: Tags, config: Any) -> Response:
    _refuse_empty_lists(config.get("job_id"))
    found = tags.of_model(config.get("job_id"))
    return success({"tags": found, "count": len(found)})


_TAG: dict[str, Operation] = {
    "create": _create,
    "update": _update,
    "list": _list,
    "retrieve": _retrieve,
    "destroy": _destroy,
}
_MODEL_TAG: dict[str, Operation] = {
    "create": _attach,
    "remove": _detach,
    "retrieve": _of_model,
}
