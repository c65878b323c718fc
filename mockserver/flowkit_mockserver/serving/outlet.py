"""The way out of a connection: head and body of an answer leave together.

uvicorn writes them one after the other, and the two writes take as long as all else that there is to do for a short
answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ["OUTLET", "Outlet"]

#: Where the scope of a request has the outlet of its connection.
OUTLET = "flowkit.outlet"


class Outlet:
    """A transport that can hold back a head until its body is there.

    Args:
        transport: the transport.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._holds = False
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def hold(self) -> None:
        """Keep what is written next until more is written."""
        self._holds = True

    def write(self, data: bytes) -> None:
        """Send data, after what was held back."""
        if self._holds:
            self._holds = False
            self._held += data
        elif self._held:
            held, self._held = self._held, b""
            self._transport.writelines((held, data))
        else:
            self._transport.write(data)

    def release(self) -> None:
        """Send what was held back, and hold back nothing."""
        self._holds = False
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def close(self) -> None:
        """Send what was held back, and close."""
        self.release()
        self._transport.close()
