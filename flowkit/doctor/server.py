"""The server's own answer: FATE Flow or not, its version, its clock, what it lets us do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowkit.call.model import Response
from flowkit.client import FlowClient
from flowkit.decoding import decode
from flowkit.doctor.finding import Finding, State
from flowkit.errors import FlowError, OperationError, ServerError, UnsupportedServer
from flowkit.servers import find_line
from flowkit.settings import AUTO

__all__ = ["examine_clock", "examine_server"]

# Servers refuse a signature whose time stamp is further away from their clock than this.
TOLERANCE = 60.0
HALF = TOLERANCE / 2

NOT_SIGNED, NO_PERMISSION = 109, 108


def examine_server(client: FlowClient) -> Iterator[Finding]:
    """Yield findings about HTTP, version, clock and permissions, from one harmless question."""
    name = "remote_version.get"
    body, headers = b"{}", {"Content-Type": "application/json"}
    request = client.request(name, body=body, headers=headers)
    try:
        call, response = client.open(name, {}, request)
    except FlowError as error:
        mend = "look at what stands between: a proxy, a gateway, or a server that is overloaded"
        yield Finding("HTTP", State.PROBLEM, str(error), mend)
        return
    clock = list(examine_clock(response, client.clock.now()))
    try:
        reply = decode(call, response)
    except UnsupportedServer as error:
        yield Finding("HTTP", State.OK, "FATE Flow answers")
        mend = f"use fate-client {error.version or '2.x'}, or a server of FATE Flow 1.x"
        yield Finding("server", State.PROBLEM, str(error), mend)
        return
    except ServerError as error:
        yield Finding("HTTP", State.PROBLEM, str(error), _mend_of_status(error.status))
        return
    except OperationError as error:
        yield Finding("HTTP", State.OK, "FATE Flow answers")
        yield from _refused(error)
        yield from clock
        return
    yield Finding("HTTP", State.OK, "FATE Flow answers")
    yield from _version(client, reply.data if isinstance(reply.data, dict) else {})
    yield from clock
    yield from _permissions(client)


def examine_clock(response: Response, now: float) -> Iterator[Finding]:
    """Yield a finding about the server's clock, which it tells in the header ``Date``.

    Args:
        response: any answer.
        now: the time here when it came, in seconds since 1970.
    """
    told = response.headers.get("Date")
    try:
        theirs = parsedate_to_datetime(told) if told else None
    except ValueError:
        theirs = None
    if theirs is None:
        yield Finding("clock", State.SKIPPED, "the answer has no Date to compare with")
        return
    ahead = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)).timestamp() - now
    text = f"the server's clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    here = datetime.fromtimestamp(now, UTC)
    if abs(ahead) <= HALF:
        yield Finding("clock", State.OK, text if abs(ahead) >= 1 else "agrees with the server's")
    else:
        state = State.PROBLEM if abs(ahead) > TOLERANCE else State.WARNING
        text += f" (here it is {here:%Y-%m-%d %H:%M:%S} UTC); signatures may differ by {TOLERANCE:.0f} s"
        yield Finding("clock", state, text, "set both clocks by NTP")


def _mend_of_status(status: int) -> str:
    """Return what to do about an answer that is not FATE Flow's."""
    if status in (401, 403, 407):
        return "a gateway wants credentials: enable the plugin bearer or basic"
    if status in (502, 503, 504):
        return "a gateway answers, but not the server behind it: start FATE Flow"
    if 300 <= status < 400:
        return "use the address that it redirects to"
    return "something else listens there: look at host, port and the path of the gateway"


def _refused(error: OperationError) -> Iterator[Finding]:
    if error.retcode == NOT_SIGNED:
        mend = (
            "give FLOWKIT_APP_KEY and FLOWKIT_SECRET_KEY, or flowkit init --app-key … --secret-key"
            " …; look at the clock as well"
        )
        yield Finding("permissions", State.PROBLEM, f"credentials: {error.retmsg}", mend)
    else:
        mend = "look at the server's log, fate_flow_stat.log"
        yield Finding("server", State.PROBLEM, str(error), mend)


def _version(client: FlowClient, data: dict[str, object]) -> Iterator[Finding]:
    """Yield a finding about the version; servers of 1.6 name it only when asked for FATE."""
    version = data.get("FATE")
    if version is None:
        try:
            version = client.remote_version.fate()
        except FlowError as error:
            yield Finding("server", State.WARNING, f"its version is not known: {error}")
            return
    if version is None:
        text = f"version not told; flowkit talks to it as to line {client.server_line()}"
        yield Finding("server", State.OK, text)
        return
    line, found = find_line(str(version)), client.server_line()
    text = f"FATE {version}; flowkit talks to it as to line {found}"
    if client.server == AUTO:
        text += ", as the server says"
    if line is None:
        mend = "look for a newer flowkit; operations that have changed may fail"
        yield Finding("server", State.WARNING, f"{text}, the nearest one that it knows", mend)
    elif line == found:
        yield Finding("server", State.OK, text)
    else:
        mend = (
            f"say --server {line} or auto, FLOWKIT_SERVER={line}, or "
            f'server = "{line}" in flowkit.toml'
        )
        yield Finding("server", State.PROBLEM, text, mend)


def _permissions(client: FlowClient) -> Iterator[Finding]:
    """Yield a finding about whether the server carries out what it is asked for."""
    try:
        client.job.query(job_id="0")
    except OperationError as error:
        if error.retcode in (NOT_SIGNED, NO_PERMISSION):
            mend = "give the right credentials, or have the server's operator grant the permission"
            yield Finding("permissions", State.PROBLEM, f"job.query: {error.retmsg}", mend)
            return
    except FlowError as error:
        mend = "the server answers one question and not another: look at its log"
        yield Finding("permissions", State.PROBLEM, str(error), mend)
        return
    yield Finding("permissions", State.OK, "the server lets us look up jobs")
