"""The calls that a test made, shown when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit.call.limits import ANSWER_LIMIT
from flowkit.call.markers import hookimpl
from flowkit.call.secrets import mask, mask_text

if TYPE_CHECKING:
    from collections.abc import Generator

    from flowkit.call.model import Call, Response

__all__ = ["CallLog"]

LONGEST_REFUSAL = 300


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
            outcome = _outcome(call, response)
        except Exception as error:
            self.lines.append(f"{line} raised {type(error).__name__}: {error}")
            raise
        self.lines.append(f"{line} -> {outcome} from {response.source}")
        return response


def _outcome(call: Call, response: Response) -> str:
    """Return the HTTP status, and what a refusal says; what is downloaded is left as it comes."""
    status = f"HTTP {response.status}"
    if "json" not in response.headers.get("Content-Type", ""):
        return status
    response.read(call.options.get("answer_limit") or ANSWER_LIMIT)
    answer = response.json()
    if not isinstance(answer, dict) or answer.get("retcode", 0) == 0:
        return status
    text = mask_text(str(answer.get("retmsg"))[:LONGEST_REFUSAL], call.credentials())
    return f"{status}, retcode {answer['retcode']}: {text}"
