"""Who is answered: requests for a host that the server goes by, not sent by another site, with credentials if demanded.

A web page in a browser on this machine reaches a server here in two ways. It can let its own host name point to this
machine (DNS rebinding); such a request bears that name as `Host`, so only names that the server was told are
answered. And it can send a form to it; browsers then say so in `Origin` and `Sec-Fetch-Site`. Clients of FATE Flow
send neither.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from werkzeug.wrappers import Request, Response

from flowkit.clock import Clock
from flowkit_mockserver.dialects.signatures import (
    HEADER_NAMES,
    OPEN_PATHS,
    arrived,
    signature_rules,
)
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.authentication import CREDENTIALS, examine, examine_head
from flowkit_mockserver.http.envelope import error_response, refusal_response
from flowkit_mockserver.settings import Demand, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = [
    "API",
    "BOARD",
    "BOARD_LINK",
    "CONTROL",
    "FROM_BOARD",
    "NAMESPACE",
    "OPEN",
    "PROBES",
    "READINESS",
    "host_allowed",
    "host_name",
    "is_board_path",
    "is_loopback",
    "refuse_head",
    "refuse_request",
    "sent_by_other_site",
    "sent_by_own_page",
]

#: What stands before every path of the API.
API = "/v1"
#: What stands before every path of the mock itself: nobody signs those.
CONTROL = "/_flowkit"
#: Paths that whoever runs the server asks, without credentials.
READINESS = "/readyz"
PROBES = frozenset({"/healthz", READINESS})
OPEN = PROBES | {"/metrics", "/openapi.json"}
#: Where WSGI has the header that names the namespace which a request is for.
NAMESPACE = "HTTP_X_FLOWKIT_NAMESPACE"

#: What stands before every page of the board, and the page to which the server's links to it lead.
BOARD = "/board"
BOARD_LINK = "/index.html"
#: What the board itself asks in this process bears this mark in its environment, which no request over HTTP can set:
#: it needs no credentials, and meets no faults.
FROM_BOARD = "flowkit.from_board"

#: Names of this machine that need no DNS; the last is that of a server that stays in its process.
_LOOPBACK_NAMES = ("localhost", "flowkit.mock")
_ANY_ADDRESS = ("0.0.0.0", "::")


def refuse_head(settings: Settings, clock: Clock, environ: WSGIEnvironment) -> Response | None:
    """Return the answer that refuses a request for what its head says, or None.

    Args:
        settings: what is demanded.
        clock: the server's time.
        environ: the request; its body is not looked at.
    """
    path = environ["PATH_INFO"]
    if environ.get(FROM_BOARD):
        return None
    if is_board_path(path):
        return _refuse_board(settings, environ)
    if not path.startswith(f"{API}/"):
        return _refuse_elsewhere(settings, clock, environ)
    if (refused := _refuse_host(settings, environ)) is not None:
        return refused
    if not settings.quirks and sent_by_other_site(environ):
        return error_response(403, "a page of another site sent this request")
    if settings.require_auth is None or path.startswith(OPEN_PATHS):
        return None
    return _refuse_head(settings, clock, environ)


def _refuse_host(settings: Settings, environ: WSGIEnvironment) -> Response | None:
    if host_allowed(host := host_name(environ), settings.allow_hosts):
        return None
    text = f"this server does not answer for host {host!r}; start it with --allow-host {host}"
    return error_response(403, text)


def _refuse_board(settings: Settings, environ: WSGIEnvironment) -> Response | None:
    """Refuse a request for a page of the board.

    A browser cannot sign, so where credentials are demanded the board answers this machine only. A link on a page of
    another site may be followed; that page gets nothing else.
    """
    if (refused := _refuse_host(settings, environ)) is not None:
        return refused
    remote = environ.get("REMOTE_ADDR")
    if settings.require_auth is not None and not (
        is_loopback(remote) and is_loopback(host_name(environ))
    ):
        return error_response(403, "credentials are demanded: the board answers this machine only")
    followed = (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )
    if not followed and sent_by_other_site(environ):
        return error_response(403, "a page of another site sent this request")
    return None


def _refuse_elsewhere(
    settings: Settings, clock: Clock, environ: WSGIEnvironment
) -> Response | None:
    """Refuse a request for a path outside of the API, where a server signs those as well."""
    demand, path = settings.require_auth, environ["PATH_INFO"]
    if demand is None or demand.scheme != "hmac" or path.startswith(CONTROL) or path in OPEN:
        return None
    if not signature_rules(_line(settings)).everywhere:
        return None
    return _refuse_head(settings, clock, environ)


def _refuse_head(settings: Settings, clock: Clock, environ: WSGIEnvironment) -> Response | None:
    demand = _demand(settings)
    if demand is None:
        return None
    try:
        examine_head(demand, _credentials(demand, environ), clock.now())
    except (Refusal, HttpRefusal) as refusal:
        return refusal_response(refusal)
    return None


def _line(settings: Settings) -> str:
    """Return the line that refuses as this server does: the one that was asked for, or its own."""
    demand = settings.require_auth
    return (demand and demand.line) or settings.fate_version


def _demand(settings: Settings) -> Demand | None:
    demand = settings.require_auth
    return None if demand is None else replace(demand, line=_line(settings))


def refuse_request(settings: Settings, clock: Clock, request: Request) -> Response | None:
    """Return the answer that refuses a request, or None; of a signed one the body is looked at, too."""
    if (refused := refuse_head(settings, clock, request.environ)) is not None:
        return refused
    demand = _demand(settings)
    if demand is None or demand.scheme != "hmac" or not request.path.startswith(f"{API}/"):
        return None
    if request.environ.get(FROM_BOARD):
        return None
    if request.path.startswith(OPEN_PATHS):
        return None
    target = quote(request.root_path + request.path, safe="/-._~")
    if query := request.query_string.decode("latin-1"):
        target = f"{target}?{query}"
    request.max_content_length = settings.max_json_bytes
    # An upload's body is not signed: its configuration stands in the query.
    form = {} if request.path == f"{API}/data/upload" else request.form.to_dict()
    any_type = signature_rules(demand.line).everywhere and not form
    any_type = any_type and not request.mimetype.startswith("multipart/")
    body = request.get_data() if request.is_json or any_type else b""
    try:
        examine(demand, _credentials(demand, request.environ), target, body, form, clock.now())
    except (Refusal, HttpRefusal) as refusal:
        return refusal_response(refusal)
    return None


def _credentials(demand: Demand, environ: WSGIEnvironment) -> dict[str, str]:
    rules, names = signature_rules(demand.line), environ.get(HEADER_NAMES)
    given = {name: environ.get(f"HTTP_{name.upper()}", "") for name in CREDENTIALS}
    return {name: arrived(name, value, names, rules) for name, value in given.items()}


def host_name(environ: WSGIEnvironment) -> str:
    """Return the host that a request is for, without its port."""
    host = str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.rstrip(".").lower()


def is_board_path(path: str) -> bool:
    """Return whether a path is that of a page of the board."""
    return path in (BOARD, BOARD_LINK) or path.startswith(f"{BOARD}/")


def is_loopback(host: str | None) -> bool:
    """Return whether an address or host name is this machine's own."""
    if host in _LOOPBACK_NAMES:
        return True
    address = _address(host)
    return address is not None and address.is_loopback


@lru_cache(maxsize=256)
def host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Return whether requests for a host are answered.

    Args:
        host: its name or address.
        allowed: names and addresses beside those of this machine; ``*`` allows all, and an address that means all
            of this machine allows every address. An address cannot be rebound, so no page gets at one that way.
    """
    names = [name.rstrip(".").lower() for name in allowed]
    if is_loopback(host) or host in names or "*" in names:
        return True
    return _address(host) is not None and any(name in names for name in _ANY_ADDRESS)


def _address(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host or "")
    except ValueError:
        return None


def sent_by_other_site(environ: WSGIEnvironment) -> bool:
    """Return whether a browser says that a page of another site made it send a request."""
    if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
        return True
    origin = environ.get("HTTP_ORIGIN")
    return origin is not None and _authority(origin) != environ.get("HTTP_HOST", "").lower()


def sent_by_own_page(environ: WSGIEnvironment) -> bool:
    """Return whether a browser says that a page of this server made it send a request; others say nothing."""
    if sent_by_other_site(environ):
        return False
    return environ.get("HTTP_SEC_FETCH_SITE") == "same-origin" or "HTTP_ORIGIN" in environ


def _authority(origin: str) -> str | None:
    """Return host and port of an origin; None for one that is none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
