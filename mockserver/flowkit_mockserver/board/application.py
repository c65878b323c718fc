"""The board in an application: in that of a mock, or in one of its own."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowkit import Clock
from flowkit_mockserver.board import api, compare, component, controls, pages, registry
from flowkit_mockserver.board.blueprint import add_headers, board, render
from flowkit_mockserver.board.figures.formatting import add_filters
from flowkit_mockserver.board.source import EXTENSION, Source
from flowkit_mockserver.http.access import BOARD_LINK, refuse_request
from flowkit_mockserver.settings import Settings

__all__ = ["PAGES", "add_board", "create_board"]

#: The modules whose pages the board has.
PAGES = (pages, component, compare, registry, controls, api)


def add_board(app: Flask, source: Source) -> None:
    """Add the pages of a board to an application.

    Args:
        app: the application, which has decided whom it answers.
        source: what they are about.
    """
    app.extensions[EXTENSION] = source
    add_filters(app)
    app.register_blueprint(board)
    app.add_url_rule(BOARD_LINK, "board_link", _follow_link)
    app.add_url_rule(board.url_prefix or "", "board_root", _go_to_board)


def create_board(source: Source, settings: Settings, clock: Clock) -> Flask:
    """Return an application that is a board and nothing else.

    Args:
        source: what its pages are about.
        settings: whom it answers.
        clock: its time.
    """
    app = Flask("flowkit_mockserver", static_folder=None)
    app.before_request(partial(refuse_request, settings, clock, request))
    add_board(app, source)
    app.add_url_rule("/", "root", _go_to_board)
    return app


def _go_to_board() -> AnyResponse:
    return redirect(url_for("board.jobs"))


def _follow_link() -> Response:
    """Show the page to which ``board_url`` leads: its script goes on to the job that the fragment names."""
    return add_headers(Response(render("link.html"), mimetype="text/html"))
