"""client.remote_version: versions of what runs on the server."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs.arguments import optional, text
from flowkit.reply import Reply

__all__ = ["RemoteVersion"]


class RemoteVersion(Group):
    """Versions; the methods named after a module return plain text, as the official SDK's do."""

    def get(self, module: str | None = None) -> Reply[dict[str, str | None]]:
        """Show the version of a module.

        Args:
            module: FATE, FATEFlow, FATEBoard, EGGROLL, CENTOS, UBUNTU, PYTHON, MAVEN, JDK or
                SPARK; without one, the API's (from 1.7 on) or FATE's.

        Returns:
            A reply whose data maps the module to its version; to None where it is not known.

        Raises:
            OperationError: there is no such module (404; from 1.7 on).

        Endpoint: ``POST version/get``.
        """
        return self._call("remote_version.get", module=optional(text, "module", module))

    def api(self) -> str | None:
        """Return the version of the HTTP API; None on servers up to 1.6.

        Endpoint: ``POST version/get``.
        """
        return self._version(None, "API")

    def fate(self) -> str | None:
        """Return the version of FATE.

        Endpoint: ``POST version/get``.
        """
        return self._version("FATE")

    def fate_flow(self) -> str | None:
        """Return the version of FATE Flow; None on servers up to 1.6.

        Endpoint: ``POST version/get``.
        """
        return self._version("FATEFlow")

    def fate_board(self) -> str | None:
        """Return the version of FATE Board.

        Endpoint: ``POST version/get``.
        """
        return self._version("FATEBoard")

    def centos(self) -> str | None:
        """Return the version of CentOS that the server was made for.

        Endpoint: ``POST version/get``.
        """
        return self._version("CENTOS")

    def ubuntu(self) -> str | None:
        """Return the version of Ubuntu that the server was made for.

        Endpoint: ``POST version/get``.
        """
        return self._version("UBUNTU")

    def python(self) -> str | None:
        """Return the version of Python that the server was made for.

        Endpoint: ``POST version/get``.
        """
        return self._version("PYTHON")

    def jdk(self) -> str | None:
        """Return the version of the JDK that the server was made for.

        Endpoint: ``POST version/get``.
        """
        return self._version("JDK")

    def maven(self) -> str | None:
        """Return the version of Maven that the server was made for.

        Endpoint: ``POST version/get``.
        """
        return self._version("MAVEN")

    def eggroll(self) -> str | None:
        """Return the version of EggRoll.

        Endpoint: ``POST version/get``.
        """
        return self._version("EGGROLL")

    def spark(self) -> str | None:
        """Return the version of Spark.

        Endpoint: ``POST version/get``.
        """
        return self._version("SPARK")

    def _version(self, module: str | None, key: str | None = None) -> str | None:
        """Return one version from the reply; None where the server does not say."""
        data: Any = self.get(module).get("data")
        value = data.get(key or module) if isinstance(data, dict) else None
        return None if value is None else str(value)
