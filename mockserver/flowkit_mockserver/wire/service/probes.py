"""/healthz, /readyz and /metrics: how the server is, for whoever runs it.

A probe comes by the server's address, from a kubelet or a load balancer, under any host name: /healthz and /readyz tell
nothing of the state, and answer all. /metrics counts, so it answers for the hosts that the API answers for.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from flowkit_mockserver.errors import HttpRefusal
from flowkit_mockserver.http.access import host_allowed, host_name, sent_by_other_site
from flowkit_mockserver.http.envelope import error_response, refusal_response
from flowkit_mockserver.http.monitor import Monitor
from flowkit_mockserver.store import Interrupted
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["MONITOR", "blueprint"]

#: Where an application keeps its `Monitor`.
MONITOR = "flowkit-mock-monitor"

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the server answers (GET /healthz)."""
    return _status("ok")


@blueprint.get("/readyz")
def readiness() -> Response:
    """Say whether the server wants requests: not when it ends, or its directory or database is gone (GET /readyz)."""
    monitor: Monitor = current_app.extensions[MONITOR]
    if monitor.stopping:
        return _status("stopping", 503)
    state = current_state()
    if not state.store.home.is_dir():
        return _status("the directory of the state is gone", 503)
    if state.sharing is not None:
        try:
            state.sharing.look()
        except Interrupted:
            return _status("the database cannot be used", 503)
    return _status("ready")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Count what was asked and what there is, for Prometheus (GET /metrics)."""
    from flowkit_mockserver.wire.service.metrics import exposition  # of use to few

    state = current_state()
    if not host_allowed(host := host_name(request.environ), state.settings.allow_hosts):
        text = f"this server does not answer for host {host!r}; start it with --allow-host {host}"
        return error_response(403, text)
    if sent_by_other_site(request.environ):
        return error_response(403, "a page of another site sent this request")
    try:
        body, content_type = exposition(
            current_app.extensions[MONITOR], state, request.headers.get("Accept", "")
        )
    except HttpRefusal as refusal:
        return refusal_response(refusal)
    except Interrupted as error:
        return error_response(503, str(error))
    return Response(body, content_type=content_type)


def _status(text: str, code: int = 200) -> Response:
    response = Response(f'{{"status":"{text}"}}\n', code, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
