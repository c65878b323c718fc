"""permission/…: what parties may ask of this one."""

from __future__ import annotations

from flask import Blueprint, Response

from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("permission", __name__, url_prefix="/permission")


@blueprint.post("/grant/privilege")
def grant() -> Response:
    """Grant privileges to a party (POST permission/grant/privilege)."""
    config = request_json()
    with server_texts():
        current_state().permissions.grant(config)
    return success()


@blueprint.post("/delete/privilege")
def delete() -> Response:
    """Take privileges back from a party (POST permission/delete/privilege)."""
    config = request_json()
    with server_texts():
        current_state().permissions.delete(config)
    return success()


@blueprint.post("/query/privilege")
def query() -> Response:
    """Tell what a party has been granted (POST permission/query/privilege)."""
    config = request_json()
    with server_texts():
        return success(current_state().permissions.query(config))
