"""What all pages share: their address, their headers, how they are rendered, and how they say that something failed.

The pages run no inline script and no inline style, and load nothing from elsewhere; the headers hold browsers to it.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from flowkit import ArgumentError, FlowError
from flowkit_mockserver.board.reading import Job, PartyKey
from flowkit_mockserver.board.source import current_source
from flowkit_mockserver.http.access import BOARD

__all__ = [
    "add_headers",
    "argument",
    "board",
    "page_number",
    "render",
    "show_failure",
    "show_refusal",
    "viewed_party",
]

log = logging.getLogger(__name__)

board = Blueprint(
    "board",
    __name__,
    url_prefix=BOARD,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)

#: By page, its title in the navigation; the last ones are those of a mock.
NAVIGATION = (
    ("board.jobs", "Jobs"),
    ("board.tables", "Tables"),
    ("board.models", "Models"),
    ("board.tags", "Tags"),
)
OF_THE_MOCK = (
    ("board.time", "Time"),
    ("board.faults", "Faults"),
    ("board.journal", "Journal"),
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MOST_PAGES = 100_000


def add_headers(response: Response) -> Response:
    """Put the headers of a page on an answer."""
    response.headers.update(HEADERS)
    if request.endpoint != "board.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def render(template: str, **values: Any) -> str:
    """Return a page; `values` are what its template names."""
    source = current_source()
    navigation = NAVIGATION + (OF_THE_MOCK if source.control is not None else ())
    return render_template(f"board/{template}", source=source, navigation=navigation, **values)


@board.errorhandler(FlowError)
def show_problem(error: FlowError) -> Response:
    """Show that the server could not be asked, or not for this, and why."""
    title, code = ("Bad address", 400) if isinstance(error, ArgumentError) else ("No answer", 502)
    return make_response(render("problem.html", title=title, text=str(error)), code)


def show_refusal(error: HTTPException) -> Response:
    """Show a page that there is not, or that was asked for in a wrong way."""
    text = error.description or error.name
    return make_response(render("problem.html", title=error.name, text=text), error.code or 500)


def show_failure(error: Exception) -> Response:
    """Show that a page could not be made of what the server answered; how that came about is logged."""
    log.error("%s cannot be shown", request.path, exc_info=error)
    text = f"What the server answered has a form that is not known here: {type(error).__name__}: {error}"
    return make_response(render("problem.html", title="Not understood", text=text), 502)


def argument(name: str, default: str | None = None) -> str:
    """Return a value from the query, or `default`; without one the page is refused."""
    value = request.args.get(name, default)
    if value is None or (not value and default is None):
        abort(400, f"the address lacks {name}")
    return value


def page_number() -> int:
    """Return the number of the page that the query names, from 1; 1 for one that is none."""
    number = request.args.get("page", 1, type=int)
    return min(max(number, 1), MOST_PAGES)


def viewed_party(job: Job) -> PartyKey:
    """Return the party whose view the query names; without one the initiator, or the first that is here."""
    named = PartyKey(argument("role", ""), argument("party_id", ""))
    if named in job.parties:
        return named
    return job.initiator if job.initiator in job.parties else next(iter(job.parties))
