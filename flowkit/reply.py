"""Reply: what an operation answers, a plain dict with typed access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from flowkit.errors import OperationError, ServerError

if TYPE_CHECKING:
    from flowkit.call.model import Call, Response

__all__ = ["Reply", "decode"]

T = TypeVar("T")

SNIPPET = 300


class Reply(dict[str, Any], Generic[T]):
    """The server's envelope: ``retcode``, ``retmsg`` and, where there are any, ``data``, ``jobId``, ``meta``.

    Code written for the official SDK keeps working (``reply["retcode"]``); new code reads
    attributes.
    """

    status: int = 200
    source: str = "network"

    @property
    def retcode(self) -> int | str:
        """The server's return code; 0 is success."""
        return cast("int | str", self.get("retcode"))

    @property
    def retmsg(self) -> str:
        """The server's message."""
        return str(self.get("retmsg", ""))

    @property
    def data(self) -> T:
        """What the operation is about; None when the server sent nothing."""
        return cast(T, self.get("data"))

    @property
    def meta(self) -> Any:
        """What describes the data; None for most operations."""
        return self.get("meta")

    @property
    def job_id(self) -> str:
        """Id of the job that the operation started; empty when it started none."""
        data = self.get("data")
        inner = data.get("job_id", "") if isinstance(data, dict) else ""
        return str(self.get("jobId") or inner)

    @property
    def model_id(self) -> str:
        """Id of the model that the operation concerns; empty when there is none."""
        return str(self._model_info().get("model_id", ""))

    @property
    def model_version(self) -> str:
        """Version of the model that the operation concerns; empty when there is none."""
        return str(self._model_info().get("model_version", ""))

    @property
    def ok(self) -> bool:
        """True when the server carried the operation out.

        FATE Flow 1.6 answers ``tag/create`` with a sentence in ``retcode`` and ``success`` in
        ``retmsg``; that is success too.
        """
        code = self.get("retcode")
        return code == 0 or (isinstance(code, str) and self.get("retmsg") == "success")

    def _model_info(self) -> dict[str, Any]:
        data = self.get("data")
        if not isinstance(data, dict):
            return {}
        info = data.get("model_info", data)
        return info if isinstance(info, dict) else {}


def decode(call: Call, response: Response) -> Reply[Any]:
    """Turn a response into a reply.

    Raises:
        ServerError: the body is not FATE Flow's envelope.
        OperationError: the server answered with a retcode other than 0.
    """
    body, envelope = response.read(), response.json()
    if not isinstance(envelope, dict) or "retcode" not in envelope:
        raise ServerError(
            _foreign(call, response, body), status=response.status, body=body[:SNIPPET]
        )
    reply: Reply[Any] = Reply(envelope)
    if response.status != 200:
        reply.status = response.status
    if response.source != "network":
        reply.source = response.source
    if not reply.ok:
        raise OperationError(call.operation.name, reply)
    return reply


def _foreign(call: Call, response: Response, body: bytes) -> str:
    """Say what came back instead of an envelope, and what to look at."""
    where = call.request.origin + call.request.path
    if 300 <= response.status < 400:
        to = response.headers.get("Location", "an unnamed place")
        return f"{where} redirects to {to}; redirects are not followed: use that address itself"
    what = response.headers.get("Content-Type", "no content type")
    start = body[:SNIPPET].decode("utf-8", "replace").strip()
    hint = (
        "; this server has no such endpoint: is it FATE Flow, and of the expected version?"
        if response.status in (404, 405)
        else "; is this the address of a FATE Flow server?"
    )
    return f"{where} answered HTTP {response.status} ({what}) without FATE Flow's envelope{hint} It says: {start!r}"
