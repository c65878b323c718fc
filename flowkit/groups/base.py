"""What every operation group is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast

from flowkit.call.operation import JSON
from flowkit.errors import ArgumentError, FlowError
from flowkit.reply import Reply

if TYPE_CHECKING:
    from flowkit.call.model import Operation, Session

__all__ = ["Group", "apply_on_error"]

P = ParamSpec("P")
R = TypeVar("R")

ENCODER = json.JSONEncoder(allow_nan=False)


def apply_on_error(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method honour the client's ``on_error``: raise, or reply with retcode 100.

    Every public method of a group goes through here, so that one switch governs bad arguments,
    failed connections and refusals alike.
    """

    @wraps(method)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except FlowError as error:
            group = cast("Group", args[0])
            if group._client.on_error == "raise":
                raise
            return cast(R, error_reply(error))

    return answer


def error_reply(error: FlowError) -> Reply[Any]:
    """Return an exception as a reply."""
    reply = error.as_reply()
    return reply if isinstance(reply, Reply) else Reply(reply)


def encode_json(name: str, body: Mapping[str, Any]) -> bytes:
    """Return a body as JSON.

    Raises:
        ArgumentError: it holds something that JSON has no form for, such as NaN or a set.
    """
    try:
        return ENCODER.encode(body).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(
            f"{name}: an argument cannot be sent as JSON: {error}; use numbers, texts, lists and mappings"
        ) from error


class Group:
    """Operations that belong together: the methods of one attribute of the client.

    A plugin's group derives from this class, lists its operations, and gives each a method that
    ends in ``self._call(name, …)``.
    """

    operations: ClassVar[Sequence[Operation]] = ()

    def __init__(self, client: Session) -> None:
        self._client = client

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have every public method answer as the client's ``on_error`` says."""
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            if callable(member) and not name.startswith("_") and not isinstance(member, type):
                setattr(cls, name, apply_on_error(member))

    def __repr__(self) -> str:
        from flowkit.display.listing import methods_of

        kind = type(self)
        return f"<{kind.__module__}.{kind.__qualname__}: {', '.join(methods_of(kind))}>"

    def _repr_html_(self) -> str:
        """Return what can be called, as a notebook shows it."""
        from flowkit.display.listing import methods_html

        return methods_html(type(self).__name__.lower(), type(self))

    def _call(self, name: str, /, **arguments: Any) -> Reply[Any]:
        """Send the arguments that are not None as a JSON body and return the reply."""
        __tracebackhide__ = True
        return self._post(
            name, {key: value for key, value in arguments.items() if value is not None}
        )

    def _post(
        self,
        name: str,
        body: Mapping[str, Any] | None,
        *,
        arguments: Mapping[str, Any] | None = None,
        path: str | None = None,
        method: str | None = None,
    ) -> Reply[Any]:
        """Send `body` as JSON, None as no body at all, and return the reply."""
        __tracebackhide__ = True
        request = self._client.request(
            name,
            body=None if body is None else encode_json(name, body),
            headers=None if body is None else JSON,
            path=path,
            method=method,
        )
        return self._client.send(name, arguments if arguments is not None else body or {}, request)

    def _with_data(self, name: str, body: Mapping[str, Any]) -> Reply[Any]:
        """Send `body` as JSON and return a reply that has data in any case, ``{}`` at least.

        That is what the official SDK promises for a few operations, failed ones included.
        """
        __tracebackhide__ = True
        try:
            reply = self._post(name, body)
        except FlowError as error:
            if self._client.on_error == "raise":
                raise
            reply = error_reply(error)
        reply["data"] = reply.get("data") or {}
        return reply
