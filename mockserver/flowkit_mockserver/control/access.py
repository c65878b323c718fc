"""Who may use the control API: scripts on this machine, and those on others that show its token, if it has one.

A web page in a browser cannot reach it: from this machine it wants a `Host` that is this machine's, and from anywhere
a JSON content type and no word of another site.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flowkit_mockserver.http.access import (
    host_allowed,
    host_name,
    is_loopback,
    sent_by_other_site,
)
from flowkit_mockserver.http.envelope import error_response
from flowkit_mockserver.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Response

__all__ = ["TOKEN", "refuse_control"]

#: The header that carries the token; ``Authorization: Bearer …`` does, too.
TOKEN = "X-Flowkit-Control"
_TOKEN = "HTTP_X_FLOWKIT_CONTROL"
_SCHEME = "bearer "
_HERE = (
    "the control API answers this machine only; start the server with --control-token to open it"
)
_WANTED = f"from another machine the control API wants its token: {TOKEN}, or Authorization: Bearer"


def refuse_control(settings: Settings, environ: WSGIEnvironment) -> Response | None:
    """Return the answer that refuses a request to the control API for what its head says, or None.

    Args:
        settings: the choices made at the start, among them the token.
        environ: the request.
    """
    host = host_name(environ)
    if sent_by_other_site(environ):
        return error_response(403, "a page of another site sent this request")
    if is_loopback(environ.get("REMOTE_ADDR")) and is_loopback(host):
        return None
    if settings.control_token is None:
        return error_response(403, _HERE)
    if not host_allowed(host, settings.allow_hosts):
        text = f"this server does not answer for host {host!r}; start it with --allow-host {host}"
        return error_response(403, text)
    # Compared as bytes, for a header may hold any character, in a time that says nothing of the token.
    if not hmac.compare_digest(_shown(environ).encode(), settings.control_token.encode()):
        refused = error_response(401, _WANTED)
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    return None


def _shown(environ: WSGIEnvironment) -> str:
    """Return the token that a request shows; empty for none."""
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    if authorization.lower().startswith(_SCHEME):
        authorization = authorization[len(_SCHEME) :].strip()
    return str(environ.get(_TOKEN) or authorization)
