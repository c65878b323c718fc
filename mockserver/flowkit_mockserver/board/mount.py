"""The board of a mock, beside its API: an application of its own, made when a page is first asked for.

Most mocks serve tests, which look at no page; they do without its modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flowkit.clock import Clock
from flowkit_mockserver.http.access import is_board_path
from flowkit_mockserver.settings import Settings

__all__ = ["mount_board"]

WSGIApp = Callable[..., Iterable[bytes]]


def mount_board(app: WSGIApp, settings: Settings, clock: Clock) -> WSGIApp:
    """Return a WSGI application that answers for the board, and sends all else to `app`.

    Args:
        app: the mock. What the board asks of it is for the namespace whose page it makes.
        settings: those of the mock.
        clock: its time.
    """
    boards: list[WSGIApp] = []

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not is_board_path(environ["PATH_INFO"]):
            return app(environ, start_response)
        if not boards:
            boards.append(_make_board(app, settings, clock))
        return boards[0](environ, start_response)

    return answer


def _make_board(app: WSGIApp, settings: Settings, clock: Clock) -> WSGIApp:
    from flowkit_mockserver.board.application import create_board
    from flowkit_mockserver.board.source import Source, mock_client

    version = settings.fate_version
    source = Source(
        lambda: mock_client(app, version, clock), "mock", f"mock of FATE {version}", app
    )
    return create_board(source, settings, clock)
