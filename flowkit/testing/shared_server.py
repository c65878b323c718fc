"""The process of a mock server that several others share: ``python -m flowkit.testing.shared_server SETTINGS``.

Whoever uses the server holds a connection to this process, a lease, over which it is told where the server is. When the
last one is closed, by whatever way its process ended, the server ends.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys

from flowkit.hooks.loading import mock_server_class

__all__ = ["main", "serve_leases"]

#: Seconds in which the first lease must be taken.
FIRST = 60.0


def main() -> None:
    """Run a mock server with the settings that the command line has as JSON; print the port for leases."""
    settings = json.loads(sys.argv[1])
    with (
        mock_server_class()(port=0, **settings) as mock,
        socket.create_server(("127.0.0.1", 0)) as desk,
    ):
        print(desk.getsockname()[1], flush=True)
        serve_leases(desk, mock.url)


def serve_leases(desk: socket.socket, url: str, first: float = FIRST) -> None:
    """Tell everybody who connects where the server is, until nobody is connected any more.

    Args:
        desk: the socket that listens for them.
        url: the address of the server.
        first: seconds to wait for the first.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(desk, selectors.EVENT_READ)
        leases: set[socket.socket] = set()
        patience: float | None = first
        while ready := selector.select(patience):
            patience = None
            for key, _ in ready:
                if key.fileobj is desk:
                    lease, _ = desk.accept()
                    lease.sendall(f"{url}\n".encode())
                    selector.register(lease, selectors.EVENT_READ)
                    leases.add(lease)
                    continue
                lease = key.fileobj  # type: ignore[assignment]
                if not _is_held(lease):
                    selector.unregister(lease)
                    lease.close()
                    leases.discard(lease)
            if not leases:
                return


def _is_held(lease: socket.socket) -> bool:
    """Return whether the other end is still there; it has nothing to say."""
    try:
        return bool(lease.recv(64))
    except ConnectionError:
        return False


if __name__ == "__main__":
    main()
