"""A threaded server for tests: it starts at once, in this process, and keeps connections."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["listen", "open_port"]


class _Handler(WSGIRequestHandler):
    """Keeps connections open, answers without delay and logs nothing."""

    protocol_version = "HTTP/1.1"
    # Without it the kernel holds small answers back for 40 ms: 22 requests/s in place of 2,400.
    disable_nagle_algorithm = True
    # A client that says nothing for this long is gone.
    timeout = 60

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet."""

    def version_string(self) -> str:
        """Return what the header `Server` says."""
        return "flowkit-mock"


class _Server(ThreadedWSGIServer):
    """Threads that do not outlive the process, and do not hold up the end of the server."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def listen(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Return a server that is listening but does not serve yet; port 0 takes any free one.

    Raises:
        OSError: the port cannot be had; the text says which.
    """
    with open_port(host, port) as listener:
        # The server goes on with a duplicate of the socket.
        return _Server(host, listener.getsockname()[1], app, _Handler, fd=listener.fileno())


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the port cannot be had; the text says which.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen at {host}:{port}: {error.strerror}") from error
    return listener
