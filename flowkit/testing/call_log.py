"""The calls that a test made, shown when it fails."""

from __future__ import annotations

from collections.abc import Generator

from flowkit.call.markers import hookimpl
from flowkit.call.model import Call, Response
from flowkit.call.secrets import mask

__all__ = ["CallLog"]


class CallLog:
    """A plugin that remembers the calls of a test."""

    name = "call-log"

    def __init__(self) -> None:
        self.lines: list[str] = []

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Note the call and what came of it."""
        names = ", ".join(
            f"{k}={v!r}" for k, v in mask(call.arguments).items() if isinstance(v, str | int)
        )
        line = f"{call.operation.name}({names})"
        try:
            response = yield
        except Exception as error:
            self.lines.append(f"{line} raised {type(error).__name__}: {error}")
            raise
        self.lines.append(f"{line} -> HTTP {response.status} from {response.source}")
        return response
