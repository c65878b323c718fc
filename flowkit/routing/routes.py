"""Where an operation is on the server at hand, and whether it is there at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowkit.call.model import Call, Operation, Request, Route
from flowkit.errors import FlowError, OperationError, ServerError, UnsupportedOperation
from flowkit.routing.discovery import Discovery

if TYPE_CHECKING:
    from flowkit.call.model import Session
    from flowkit.servers import ServerLine

__all__ = ["Routing"]


class Routing:
    """The routes of one client's operations.

    Args:
        line: the server's line, if somebody has said it; None to find out.
        place: address of the server, with the path in front of its own.
        prefix: what stands before every path of the API.
        operations: all operations.

    Attributes:
        varying: names of the operations that depend on the server's line.
        discovery: finds the server's line out.
    """

    def __init__(
        self, line: ServerLine | None, place: str, prefix: str, operations: Iterable[Operation]
    ) -> None:
        found = {operation.name: operation for operation in operations}
        self._line = line
        self._prefix = prefix
        self.varying = frozenset(name for name, one in found.items() if one.varies)
        self.discovery = Discovery(place, found["remote_version.get"])

    def line(self, client: Session) -> ServerLine:
        """Return the server's line; ask the server, if nobody has said or asked yet."""
        return self._line or self.discovery.find(client).line

    def route(self, client: Session, operation: Operation) -> Route:
        """Return where an operation is on the server's line.

        Raises:
            UnsupportedOperation: it is not there.
            FlowError: the line matters, and the server cannot be asked for it.
        """
        line = self._line
        if line is None:
            found = self.discovery.find(client)
            line = found.line
            if found.how == "assumed" and not operation.is_on(line):
                return operation.every_route[-1]
        if operation.is_on(line):
            return operation.route_on(line)
        others = f"{operation.since} has it"
        if operation.until is not None:
            others = f"{operation.since} to {operation.until} have it"
        raise UnsupportedOperation(
            operation.name,
            line.name,
            f"FATE Flow {line} has no such operation; {others}. Nothing was sent",
        )

    def alternatives(self, client: Session, call: Call) -> Iterator[Request]:
        """Yield a call's request as other lines have it, where nothing tells which one it is.

        A cassette of an unknown line is such a case.
        """
        operation, sent = call.operation, call.request
        if operation.name not in self.varying or self._line is not None:
            return
        if self.discovery.find(client).how != "assumed":
            return
        for route in operation.every_route:
            path = self._prefix + quote(route.path, safe="/-._~")
            if (route.method, path) != (sent.method, sent.path):
                request = sent.copy()
                request.method, request.path = route.method, path
                yield request

    def learn(self, error: FlowError) -> None:
        """Take it from an error that the server may be another one than it was, or was said to be.

        It is asked anew then; where somebody has said what it is, the error says so.
        """
        if isinstance(error, OperationError):
            gone = "NotFound '404" in error.retmsg or "MethodNotAllowed '405" in error.retmsg
        else:
            gone = isinstance(error, ServerError) and error.status in (404, 405)
        if not gone:
            return
        self.discovery.forget()
        if self._line is not None and error.operation in self.varying:
            hint = (
                f"server={self._line.name!r} was said; is it of another line? server='auto' asks it"
            )
            error.args = (f"{error} ({hint})", *error.args[1:])
