"""client.provider: what brings the components; servers from 1.7 on."""

from __future__ import annotations

from typing import Any

from flowkit.groups.base import Group
from flowkit.inputs import arguments
from flowkit.inputs.arguments import FilePath, optional, text
from flowkit.reply import Reply

__all__ = ["Provider"]


class Provider(Group):
    """Providers: versions of the packages that bring components."""

    def list(self, provider_name: str | None = None) -> Reply[dict[str, Any]]:
        """List the registered providers; servers from 1.7 on.

        Args:
            provider_name: only the versions of this provider, such as ``"fate"``.

        Returns:
            A reply whose data holds, by provider and version, ``path``, ``class_path`` and
            ``components``; with `provider_name`, by version.

        Endpoint: ``POST provider/get``, or ``POST provider/<provider_name>/get``.
        """
        name = optional(text, "provider_name", provider_name)
        if name is None:
            return self._call("provider.list")
        return self._post(
            "provider.list", {"provider_name": name}, path=f"provider/{name.strip('/')}/get"
        )

    def register(
        self, name: str, version: str, path: FilePath, class_path: dict[str, Any] | None = None
    ) -> Reply[dict[str, Any]]:
        """Register a version of a provider, which lies on the server's disk; from 1.7 on.

        Args:
            name: the provider's name, ``"fate"``.
            version: its version.
            path: its folder on the server; a relative one counts from the current directory here.
            class_path: where in it the server looks for what it needs.

        Returns:
            A reply whose data holds each server's own answer.

        Raises:
            OperationError: it cannot be loaded (103), or the path is no such folder (400).

        Endpoint: ``POST provider/register``.
        """
        return self._call(
            "provider.register",
            name=text("name", name),
            version=text("version", version),
            path=arguments.path("path", path),
            class_path=class_path,
        )

    def list_components(self) -> Reply[dict[str, Any]]:
        """List the components, each with the providers that bring it; servers from 1.7 on.

        Returns:
            A reply whose data holds the providers by component.

        Endpoint: ``POST component/get``.
        """
        return self._call("provider.list_components")
