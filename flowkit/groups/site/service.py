"""client.service: the server's versions, configuration and services; servers from 1.7 on."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.reply import Reply

__all__ = ["Service"]


class Service(Group):
    """The server as a service, and the services that it knows."""

    def versions(self) -> Reply[dict[str, Any]]:
        """Show the versions of all that runs on the server; servers from 1.7 on.

        Returns:
            A reply whose data maps modules, such as ``FATE`` and ``API``, to versions.

        Endpoint: ``POST server/version/get``.
        """
        return self._call("service.versions")

    def reload(self) -> Reply[dict[str, Any]]:
        """Have the server read its configuration anew; servers from 1.7 on.

        Returns:
            A reply whose data is what was read.

        Endpoint: ``POST server/reload``.
        """
        return self._call("service.reload")

    def registry(self) -> Reply[dict[str, Any]]:
        """Show the services that the server is configured with; servers from 1.7 on.

        Returns:
            A reply whose data holds the addresses by service.

        Endpoint: ``POST server/service/get``.
        """
        return self._call("service.registry")
