"""Which requests a server refuses that is a site: those by which servers talk to each other, unless they are signed.

The paths of clients stay open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

from werkzeug.wrappers import Request, Response

from flowkit_mockserver.dialects.exceptions import show_exception
from flowkit_mockserver.dialects.signatures import HEADER_NAMES, arrived, signature_rules
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.http.access import API, BOARD, BOARD_LINK, CONTROL, OPEN
from flowkit_mockserver.http.envelope import refusal_response, success

__all__ = ["SITE_PAGES", "refuse_unsigned"]

#: Where an application keeps the beginnings of the paths that clients ask, if it is a site.
SITE_PAGES = "flowkit-site-pages"

Verify = Callable[[str, object, str | None], None]


def refuse_unsigned(
    request: Request, pages: Collection[str], line: str, limit: int, verify: Verify
) -> Response | None:
    """Return the answer that refuses a request of another server, or None.

    Args:
        request: the request.
        pages: what the paths of clients begin with, below ``/v1``.
        line: the line of the server, which decides what headers arrive.
        limit: the largest body that is read.
        verify: checks party, body and signature, and raises what is wrong.
    """
    path = request.path
    if path.startswith((CONTROL, f"{BOARD}/")) or path in OPEN or path in (BOARD, BOARD_LINK):
        return None
    if any(path.startswith(f"{API}/{page}") for page in pages):
        return None
    request.max_content_length = limit
    try:
        body = json.loads(request.get_data() or b"null")
    except ValueError:
        body = None
    try:
        verify(
            _header(request, "src_party_id", line) or "",
            body,
            _header(request, "site_signature", line),
        )
    except Refusal as refusal:
        return refusal_response(refusal)
    except Exception as error:  # whatever the server stumbles over is its answer
        return success(retcode=100, retmsg=show_exception(error))
    return None


def _header(request: Request, name: str, line: str) -> str | None:
    value = request.environ.get(f"HTTP_{name.upper()}")
    if value is None:
        return None
    return arrived(name, value, request.environ.get(HEADER_NAMES), signature_rules(line)) or None
