"""What a view or a service raises when the answer is not success."""

from __future__ import annotations

from typing import Any

__all__ = ["FlowFault", "HttpFault"]


class FlowFault(Exception):
    """The request was understood and refused: HTTP 200 with a return code.

    Args:
        retmsg: the text of the answer, word for word.
        retcode: the return code; 100 is what any exception on the real server becomes.
        data: the `data` of the answer, None to leave it out.
        job_id: the `jobId` of the answer, None to leave it out.
    """

    def __init__(
        self, retmsg: str, retcode: int = 100, *, data: Any = None, job_id: str | None = None
    ) -> None:
        super().__init__(retmsg)
        self.retmsg = retmsg
        self.retcode = retcode
        self.data = data
        self.job_id = job_id


class HttpFault(Exception):
    """The request was refused with an HTTP status that equals the return code (210, 400, 404 …).

    Args:
        code: both the HTTP status and the return code.
        retmsg: the text of the answer, word for word.
    """

    def __init__(self, code: int, retmsg: str) -> None:
        super().__init__(retmsg)
        self.code = code
        self.retmsg = retmsg
