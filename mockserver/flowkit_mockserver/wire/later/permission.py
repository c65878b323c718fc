"""permission/…: what parties may ask of this one."""

from __future__ import annotations

from flask import Blueprint, Response

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.later_permissions import LaterPermissions
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("later_permission", __name__, url_prefix="/permission")

_OFF = (
    "No permission controller is found, please check whether the switch of permission control"
    " is turned on"
)


def _controller() -> LaterPermissions:
    controller = current_state().later_permissions
    if controller is None:
        raise Refusal(f"Exception({_OFF!r})")
    return controller


@blueprint.post("/grant")
def grant() -> Response:
    """Grant components and tables to a party (POST permission/grant)."""
    _controller().grant(request_json())
    return success()


@blueprint.post("/delete")
def delete() -> Response:
    """Take components and tables back from a party (POST permission/delete)."""
    _controller().delete(request_json())
    return success()


@blueprint.post("/query")
def query() -> Response:
    """Tell what a party has been granted (POST permission/query)."""
    return success(_controller().query(request_json()))
