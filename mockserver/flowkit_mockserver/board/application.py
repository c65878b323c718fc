"""The board as an application: of a mock, beside its API, or of a server or a cassette, on a port of its own."""

from __future__ import annotations

from functools import partial

from flask import Flask, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from flowkit import Clock
from flowkit_mockserver.board import api, compare, component, controls, pages, registry
from flowkit_mockserver.board.blueprint import (
    add_headers,
    board,
    render,
    show_failure,
    show_refusal,
)
from flowkit_mockserver.board.figures.formatting import add_filters
from flowkit_mockserver.board.source import EXTENSION, Source
from flowkit_mockserver.http.access import BOARD, BOARD_LINK, refuse_request
from flowkit_mockserver.settings import Settings

__all__ = ["PAGES", "create_board"]

#: The modules whose pages the board has.
PAGES = (pages, component, compare, registry, controls, api)


def create_board(source: Source, settings: Settings, clock: Clock) -> Flask:
    """Return the board as an application.

    Args:
        source: what its pages are about.
        settings: whom it answers.
        clock: its time.
    """
    app = Flask("flowkit_mockserver", static_folder=None)
    app.extensions[EXTENSION] = source
    app.before_request(partial(refuse_request, settings, clock, request))
    app.register_blueprint(board)
    app.register_error_handler(HTTPException, show_refusal)
    # A server may answer anything; whoever looks at it is told so, and not left with a blank page.
    app.register_error_handler(Exception, show_failure)
    app.after_request(add_headers)
    add_filters(app)
    app.add_url_rule(BOARD_LINK, "board_link", _follow_link)
    app.add_url_rule(BOARD, "board_root", _go_to_board)
    app.add_url_rule("/", "root", _go_to_board)
    return app


def _go_to_board() -> Response:
    return redirect(url_for("board.jobs"))


def _follow_link() -> str:
    """Show the page to which ``board_url`` leads: its script goes on to the job that the fragment names."""
    return render("link.html")
