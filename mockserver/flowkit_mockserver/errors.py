"""What a view or a service raises when the answer is not success, and the check that most of them begin with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["HttpRefusal", "Refusal", "check_config", "require_fields"]

#: A required name, or a name with the values it may have.
Requirement = str | tuple[str, Sequence[Any]]


class Refusal(Exception):
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


class HttpRefusal(Exception):
    """The request was refused with an HTTP status that equals the return code (210, 400, 404 …).

    Args:
        code: both the HTTP status and the return code.
        retmsg: the text of the answer, word for word.
    """

    def __init__(self, code: int, retmsg: str) -> None:
        super().__init__(retmsg)
        self.code = code
        self.retmsg = retmsg


def require_fields(config: Any, names: Iterable[Requirement]) -> None:
    """Check that `config` holds what an operation needs.

    Args:
        config: the request's body; only the presence of a name counts, null passes.
        names: names, or names with the values they may have, in the order of the refusal's text.

    Raises:
        Refusal: something is missing; the text names it.
    """
    if config is None or isinstance(config, (int, float)):
        raise Refusal(f"argument of type '{type(config).__name__}' is not iterable")
    missing: list[str] = []
    wrong: list[str] = []
    for item in names:
        if isinstance(item, str):
            if item not in config:
                missing.append(item)
        elif config.get(item[0]) not in item[1]:
            wrong.append(f"{item[0]}={item[1]}")
    if missing or wrong:
        text = f"required parameters are missing: {','.join(missing)};" if missing else ""
        if wrong:
            text += f"required parameter values: {','.join(wrong)}"
        raise Refusal(text)


def check_config(config: Any, names: tuple[str, ...]) -> None:
    """Check what an operation needs, where the view itself checks it.

    Raises:
        TypeError: there is no configuration.
        KeyError: something is missing; the text names it.
    """
    if not config or not isinstance(config, dict):
        raise TypeError("no parameters")
    missing = [name for name in names if name not in config]
    if missing:
        raise KeyError(f"required parameters are missing: {','.join(missing)}; ")
