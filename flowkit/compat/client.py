"""FlowClient as the official SDK has it: the same methods, and problems that come as replies."""

from __future__ import annotations

from typing import Any

import flowkit
from flowkit.compat.groups import GROUPS, CompatData, CompatJob, CompatTest
from flowkit.groups import Privilege

__all__ = ["FlowClient"]


class FlowClient(flowkit.FlowClient):
    """A client of one FATE Flow server that does not raise.

    What goes wrong, from a bad argument to a server that is not there, comes back as a reply with
    a retcode other than 0, mostly 100. Set ``on_error="raise"`` for exceptions.

    Arguments stand in the official SDK's order, 1.6.1's and 1.11.3's.

    Args:
        ip: host name or IP address of the server.
        port: its TCP port.
        version: API version, ``"v1"``.
        app_key: key id of the server's HMAC authentication; ignored without `secret_key`.
        secret_key: the secret that belongs to `app_key`.
        settings: anything else that `flowkit.FlowClient` takes, such as ``plugins=["cache"]``.
    """

    job: CompatJob
    data: CompatData
    test: CompatTest

    def __init__(
        self,
        ip: str,
        port: int | str,
        version: str,
        app_key: str | None = None,
        secret_key: str | None = None,
        **settings: Any,
    ) -> None:
        settings.setdefault("on_error", "reply")
        if not (app_key and secret_key):  # as the official SDK, which signs with both only
            app_key = secret_key = None
        super().__init__(ip, port, version, app_key, secret_key, **settings)

    @property
    def priviledge(self) -> Privilege:
        """`privilege`, as the official SDK spelled it up to 1.6."""
        return self.privilege

    def _attach_groups(self) -> None:
        super()._attach_groups()
        for name, (kind, compatible) in GROUPS.items():
            if type(getattr(self, name)) is kind:  # a plugin's group keeps its place
                setattr(self, name, compatible(self))
