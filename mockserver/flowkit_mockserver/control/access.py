"""Who may use the control API: scripts on this machine.

A web page in a browser here cannot reach it, because it wants a `Host` that is this machine's, a JSON content type, and
no word of another site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit_mockserver.http.access import host_name, is_loopback, sent_by_other_site
from flowkit_mockserver.http.envelope import error_response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Response

__all__ = ["refuse_control"]


def refuse_control(environ: WSGIEnvironment) -> Response | None:
    """Return the answer that refuses a request to the control API for what its head says, or None."""
    if not (is_loopback(environ.get("REMOTE_ADDR")) and is_loopback(host_name(environ))):
        return error_response(403, "the control API answers this machine only")
    if sent_by_other_site(environ):
        return error_response(403, "a page of another site sent this request")
    return None
