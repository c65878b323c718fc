"""Every exception flowkit raises, in one tree.

::

    FlowError
    ├── ArgumentError        an argument is missing, unreadable or of the wrong kind; nothing was sent
    ├── TransportError       no answer came back
    │   ├── ConnectionFailed the server could not be reached, or the connection broke
    │   └── TimedOut         the server did not answer, or a job did not end, in time
    ├── ServerError          an answer came back that is not FATE Flow's protocol
    │   ├── ArchiveError     a file the server sent is damaged or unsafe to unpack
    │   └── UnsupportedServer   it is FATE Flow's, of another API: that of 2.x
    ├── UnsupportedOperation the server's line does not have the operation; nothing was sent
    ├── OperationError       the server answered: retcode is not 0
    ├── JobFailed            a job that was waited for ended without success
    ├── CassetteError        replay: the cassette holds no answer for a request
    └── PluginError          a plugin cannot be found, loaded or run
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.call.envelope import Envelope

__all__ = [
    "ArchiveError",
    "ArgumentError",
    "CassetteError",
    "ConnectionFailed",
    "FlowError",
    "JobFailed",
    "OperationError",
    "PluginError",
    "ServerError",
    "TimedOut",
    "TransportError",
    "UnsupportedOperation",
    "UnsupportedServer",
    "shown",
]


def shown(value: object) -> str:
    """Return a value as the text of an error shows it: its ``repr``, cut where it is long."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python writes no number of more than some thousand digits
        return "a number of thousands of digits"


class FlowError(Exception):
    """The root of everything flowkit raises on purpose.

    Attributes:
        operation: name of the operation under way, such as ``"job.stop"``; None outside a call.
    """

    operation: str | None = None

    def __reduce__(self) -> tuple[Callable[..., FlowError], tuple[Any, ...], dict[str, Any]]:
        """Return what makes this error again: it passes from process to process as it is.

        What cannot pass, such as an object given as an argument, becomes its ``repr``.
        """
        state = {name: _portable(value) for name, value in self.__dict__.items()}
        return _restore, (type(self), self.args), state

    def __copy__(self) -> FlowError:
        return _restore(type(self), self.args, self.__dict__)

    def as_reply(self) -> dict[str, Any]:
        """Return this error in the shape of the official SDK: a dict with retcode 100."""
        return {"retcode": 100, "retmsg": str(self)}


class ArgumentError(FlowError, ValueError):
    """An argument cannot be used; raised before anything is sent.

    Attributes:
        argument: the argument's name.
        value: what was given.
    """

    def __init__(self, message: str, *, argument: str = "", value: object = None) -> None:
        super().__init__(message)
        self.argument = argument
        self.value = value


class TransportError(FlowError):
    """No answer came back.

    Attributes:
        sent: whether the request may have reached the server. Only when it is False is a
            write safe to repeat.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectionFailed(TransportError):
    """The server refused the connection, cannot be found, or broke the connection off.

    Attributes:
        refused: whether nothing listens at the address, as far as is known.
    """

    def __init__(self, message: str, *, sent: bool = True, refused: bool | None = None) -> None:
        super().__init__(message, sent=sent)
        self.refused = not sent if refused is None else refused

    def as_reply(self) -> dict[str, Any]:
        """Return what the official SDK answers when nothing listens at the address."""
        if not self.refused:
            return super().as_reply()
        text = "Connection refused, Please check if the fate flow service is started"
        return {"retcode": 100, "retmsg": text}


class TimedOut(TransportError, TimeoutError):
    """The server did not answer, or a job did not end, within the time allowed."""


class ServerError(FlowError):
    """The answer is not FATE Flow's: not JSON, a redirect, a gateway's error page.

    Attributes:
        status: the HTTP status.
        body: the beginning of what was received.
    """

    def __init__(self, message: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body

    def as_reply(self) -> dict[str, Any]:
        """Return what the official SDK answers when the body is not JSON."""
        text = (
            "Internal server error. Nothing in response. You may check out the configuration in "
            "'FATE/conf/service_conf.yaml' and restart fate flow server."
        )
        return {"retcode": 100, "retmsg": text}


class ArchiveError(ServerError):
    """An archive from the server is damaged, too large, or would write outside its directory."""

    def as_reply(self) -> dict[str, Any]:
        """Return what the official SDK answers when an archive cannot be unpacked."""
        text = "download failed, please check if the parameters are correct"
        return {"retcode": 100, "retmsg": text}


class UnsupportedServer(ServerError):
    """The server is FATE Flow, but speaks another API than flowkit: that of 2.x.

    Attributes:
        version: the server's version; empty where it does not tell.
    """

    def __init__(
        self, message: str, *, version: str = "", status: int = 0, body: bytes = b""
    ) -> None:
        super().__init__(message, status=status, body=body)
        self.version = version

    def as_reply(self) -> dict[str, Any]:
        """Return what is the matter, where the official SDK has nothing to say."""
        return {"retcode": 100, "retmsg": str(self)}


class UnsupportedOperation(FlowError):
    """The server's line does not have the operation, or carries it out in no case; nothing was sent.

    Attributes:
        line: the server's line.
    """

    def __init__(self, operation: str, line: str, message: str) -> None:
        super().__init__(f"{operation}: {message}")
        self.operation = operation
        self.line = line


class OperationError(FlowError):
    """The server refused the operation or could not carry it out.

    Attributes:
        retcode: the server's return code (usually an int, never 0).
        retmsg: the server's message, as it came: from later servers the ``repr`` of an exception,
            or a traceback.
        message: what it says, in the words of servers of every line.
        reasons: what each party that refused said, by ``"role/party_id"``; empty where the server
            names none.
        reply: the whole answer.
    """

    def __init__(self, operation: str, reply: Envelope[Any]) -> None:
        from flowkit import reasons  # not needed until something is refused

        self.operation = operation
        self.retcode = reply.get("retcode")
        self.retmsg = str(reply.get("retmsg"))
        self.message = reasons.plain_message(self.retmsg)
        self.reply = reply
        self.reasons: Mapping[str, str] = reply.reasons
        if self.reasons:
            message = reasons.without_reasons(self.retmsg)
            said = f": {reasons.describe_reasons(self.reasons)}"
        else:
            message, said = reasons.describe_message(self.retmsg), ""
        super().__init__(f"{operation}: {message} (retcode {self.retcode}){said}")

    def as_reply(self) -> dict[str, Any]:
        """Return the server's own answer."""
        return self.reply


class JobFailed(FlowError):
    """A job that was waited for ended as failed, canceled or timeout.

    Attributes:
        job_id: the job.
        status: how it ended.
        component: the first component that failed, if one did.
        party: ``"role/party_id"`` on which it failed.
        reason: the failure's text from the job's logs; empty when the server gives none.
    """

    def __init__(
        self,
        job_id: str,
        status: str,
        *,
        component: str | None = None,
        party: str | None = None,
        reason: str = "",
    ) -> None:
        self.job_id = job_id
        self.status = status
        self.component = component
        self.party = party
        self.reason = reason
        where = f": component {component} on {party}" if component else ""
        super().__init__(f"job {job_id} ended as {status}{where}{f': {reason}' if reason else ''}")


class CassetteError(FlowError):
    """Nothing in the cassette answers this request, or the cassette cannot be used."""


class PluginError(FlowError):
    """A plugin cannot be found, loaded, configured or run."""


def _restore(
    kind: type[FlowError], args: tuple[Any, ...], state: Mapping[str, Any] | None = None
) -> FlowError:
    """Return an error with a text that is known already: what an `__init__` makes it from is not."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state or {})
    return error


def _portable(value: object) -> object:
    """Return `value`, or its ``repr`` when no other process can be handed it."""
    import pickle  # rarely needed

    try:
        pickle.dumps(value)
    except Exception:  # objects refuse to be pickled with whatever they like
        return repr(value)
    return value
