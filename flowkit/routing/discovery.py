"""Finding out which line a server is of: by asking it, or by how it answers.

A server is asked when it first matters, and what it said is kept for its address, for every client
of the process. Where a plugin may answer in the network's place, a cassette for one, what was found
out holds for that client only: a recording then has the question in it, and one without it plays.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flowkit import servers
from flowkit.call.model import JSON, Call, Request
from flowkit.decoding import OTHER_API, is_second_generation
from flowkit.errors import CassetteError, FlowError, UnsupportedServer
from flowkit.forks import renew_in_children
from flowkit.operations import OPERATIONS
from flowkit.servers import ServerLine, line_of

if TYPE_CHECKING:
    from flowkit.call.model import Operation, Response, Session

__all__ = ["Discovered", "Discovery"]

LOG = logging.getLogger("flowkit.servers")

#: Every server understands it, and no program asks the same: a cassette keeps the two apart.
QUESTION = json.dumps({"module": "FATE", "client": "flowkit"}).encode()
NOT_SIGNED = 109
#: Reads that came with a line, newest first. Whether one is there shows even where the version does
#: not; 1.8 has none that 1.7 lacks.
MARKS = (
    ("1.11", "model/query/detail"),
    ("1.10", "info/common"),
    ("1.9", OPERATIONS["privilege.query"].every_route[-1].path),
    ("1.8", "job/log/path"),
    ("1.6", OPERATIONS["job.query"].path),
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """What is known of a server.

    Attributes:
        line: its line.
        version: the version of FATE that it says it is; empty where it does not.
        how: ``"asked"``: it said so; ``"recognised"``: it answers like that line; ``"assumed"``:
            neither could be had.
    """

    line: ServerLine
    version: str
    how: Literal["asked", "recognised", "assumed"]


#: What knows no such question, such as a cassette without it, is older than the question is.
ASSUMED = Discovered(line_of("1.6"), "", "assumed")
#: What could not be asked this time.
GUESSED = Discovered(line_of("1.6"), "", "assumed")


class _Memory:
    """What was found out, by address; one for the process."""

    def __init__(self) -> None:
        self.found: dict[str, Discovered] = {}
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the locks anew, which other threads of the parent may have held."""
        self._locks: dict[str, threading.RLock] = {}

    def lock(self, place: str) -> threading.RLock:
        """Return the lock of an address."""
        return self._locks.setdefault(place, threading.RLock())


EVERYWHERE = _Memory()


class Discovery:
    """Finds out the line of one client's server.

    Args:
        place: address of the server, as text.
        operation: the operation that asks for the version.
    """

    def __init__(self, place: str, operation: Operation) -> None:
        self._place = place
        self._operation = operation
        self._own = _Memory()

    def find(self, client: Session) -> Discovered:
        """Return what is known of the server; ask it, if nothing is.

        Raises:
            UnsupportedServer: it speaks another API.
            FlowError: it cannot be asked.
        """
        substituted = client.hooks.may_substitute()
        memory = self._own if substituted else EVERYWHERE
        found = memory.found.get(self._place)
        if found is None:
            with memory.lock(self._place):
                found = memory.found.get(self._place)
                if found is None:
                    found = self._look(client, substituted)
                    if found.how != "assumed" or (substituted and found is ASSUMED):
                        memory.found[self._place] = found
        return found

    def forget(self) -> None:
        """Ask anew when it next matters: the server, or what answers in its place, may have changed."""
        self._own.found.clear()
        EVERYWHERE.found.pop(self._place, None)

    def name_second_generation(
        self, client: Session, error: UnsupportedServer
    ) -> UnsupportedServer:
        """Return an error about FATE Flow 2.x that names its version, where it tells it."""
        base = client.address.base
        request = Request("GET", client.address.origin, f"{base}/v2/server/fateflow")
        try:
            answer = client.hooks.send(self._call(client, request), request).json()
        except FlowError:
            return error
        version = _find_version(answer) if is_second_generation(answer) else ""
        if not version:
            return error
        text = OTHER_API.format(origin=client.address.origin, version=version)
        return UnsupportedServer(text, version=version, status=error.status, body=error.body)

    def _look(self, client: Session, substituted: bool) -> Discovered:
        try:
            return self._examine(client, substituted)
        except UnsupportedServer as error:
            raise self.name_second_generation(client, error) from None
        except CassetteError:
            return ASSUMED
        except FlowError:
            if not substituted:
                raise
            return GUESSED
        except Exception as error:
            # What stands in for the network below urllib3, such as vcrpy, raises what it likes for
            # a request that it does not know. The operation itself is to find out what is wrong.
            LOG.debug("%s cannot be asked for its version: %s", self._place, error)
            return GUESSED

    def _examine(self, client: Session, substituted: bool) -> Discovered:
        response = self._ask(client, self._operation.path, QUESTION)
        answer = response.json()
        version = _version(answer)
        line = _line(version)
        if line is not None:
            LOG.info(
                "%s is FATE %s: flowkit speaks to it as to line %s", self._place, version, line
            )
            return Discovered(line, version, "asked")
        if isinstance(answer, dict) and answer.get("retcode") == NOT_SIGNED:
            return Discovered(servers.LINES[-1], "", "assumed")  # every question is refused alike
        found = None if substituted else self._recognise(client)
        if found is None:
            return ASSUMED
        LOG.info("%s hides its version and answers like line %s", self._place, found)
        return Discovered(found, "", "recognised")

    def _recognise(self, client: Session) -> ServerLine | None:
        """Return the line that has the newest of the marks; None when none is there."""
        for name, path in MARKS:
            answer = self._ask(client, path, b"{}").json()
            if (
                isinstance(answer, dict)
                and "retcode" in answer
                and "NotFound" not in str(answer.get("retmsg"))
            ):
                return line_of(name)
        return None

    def _ask(self, client: Session, path: str, body: bytes) -> Response:
        """Return the answer to a harmless question.

        Raises:
            UnsupportedServer: it is that of FATE Flow 2.x.
        """
        name = self._operation.name
        request = client.request(name, body=body, headers=JSON, path=path, method="POST")
        if client.hooks.may_substitute():  # one attempt, and nobody is told if nothing answers it
            response = client.hooks.send(self._call(client, request), request)
        else:
            _, response = client.with_options(cache=False).open(name, {}, request)
        if is_second_generation(response.json()):
            text = OTHER_API.format(origin=client.address.origin, version="2.x")
            raise UnsupportedServer(text, status=response.status)
        return response

    def _call(self, client: Session, request: Request) -> Call:
        return Call(self._operation, {}, request, client, client.options)


def _version(answer: Any) -> str:
    """Return the version of FATE in an answer to the question."""
    data = answer.get("data") if isinstance(answer, dict) else None
    found = data.get("FATE") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def _line(version: str) -> ServerLine | None:
    """Return the line of a version; for one that is newer than all of them, the last line."""
    found = servers.find_line(version)
    if found is None and version[:2] == "1." and version[2:].partition(".")[0].isdigit():
        number = (1, int(version[2:].partition(".")[0]))
        first, last = servers.LINES[0], servers.LINES[-1]
        found = last if number > last.number else first
        LOG.warning("FATE %s is of no line that flowkit knows; %s is the nearest", version, found)
    return found


def _find_version(value: Any) -> str:
    """Return the text under ``version``, however deep it lies; empty where there is none."""
    if isinstance(value, dict):
        if isinstance(value.get("version"), str):
            return str(value["version"])
        value = list(value.values())
    if isinstance(value, list):
        return next((found for one in value if (found := _find_version(one))), "")
    return ""
