"""Small stand-ins for what surrounds the client's core."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flowkit import Call, Request, Response, hookimpl
from flowkit.routing.discovery import QUESTION

Answer = Response | Exception


class Server:
    """A plugin that answers every request in place of the network, and remembers each.

    What flowkit asks by itself, to learn the server's line, is answered aside.

    Args:
        answers: what to answer, in order; the last one holds.
        version: the version of FATE that it says it is.
    """

    name = "server"

    def __init__(
        self, *answers: Answer | Callable[[Request], Answer], version: str = "1.6.1"
    ) -> None:
        self.version = version
        self.answers = list(answers) or [envelope()]
        self.requests: list[Request] = []

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        """Answer with the next of the answers."""
        if request.body == QUESTION:
            return envelope({"FATE": self.version})
        self.requests.append(call.signed(request))
        turn = min(len(self.requests), len(self.answers)) - 1
        answer = self.answers[turn]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


def envelope(
    data: Any = None, *, retcode: Any = 0, retmsg: str = "success", status: int = 200
) -> Response:
    """Return a response as FATE Flow sends it."""
    body: dict[str, Any] = {"retcode": retcode, "retmsg": retmsg}
    if data is not None:
        body["data"] = data
    return Response(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
