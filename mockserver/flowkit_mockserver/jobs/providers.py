"""Who provides components in the later lines: FATE Flow itself, and FATE in one or more versions."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.facts import FLOW_PROVIDER, ML_PROVIDER, server_facts
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.store import Collection

__all__ = ["Providers"]


class Providers:
    """The registered providers.

    Args:
        documents: where versions that were registered are kept.
        dialect: how the server speaks.
        root: the directory of FATE Flow.
    """

    def __init__(self, documents: Collection, dialect: Dialect, root: str) -> None:
        self._documents = documents
        self._dialect = dialect
        self._root = root

    def known(self, name: str, version: str) -> bool:
        """Say whether a provider is there in a version; an empty version is any."""
        versions = self.versions(name)
        return bool(versions) and (not version or version in versions)

    def versions(self, name: str) -> dict[str, str]:
        """Return the versions of a provider and where each lies; none if there is no such provider."""
        home = self._root.removesuffix(self._dialect.folder)
        if name == ML_PROVIDER:
            own = {self._dialect.fate_version: f"{home}/python/federatedml"}
            return own | dict(self._documents.get(name, {}))
        if name == FLOW_PROVIDER:
            return {self._dialect.flow_version: f"{self._root}/python/fate_flow"}
        return {}

    def register(self, name: str, version: str, path: str) -> None:
        """Register a version of FATE's provider.

        Raises:
            Refusal: another name; FATE has no interface for it.
        """
        if name != ML_PROVIDER:
            text = f"not support {name} provider"
            raise Refusal(f"ValueError({text!r})")
        self._documents[name] = {**self._documents.get(name, {}), version: path}

    def describe(self) -> dict[str, Any]:
        """Return all providers, their components in small letters."""
        return {
            name: {
                version: self._entry(
                    path, sorted({module.lower() for module in self._modules(name)})
                )
                for version, path in self.versions(name).items()
            }
            | {"default": {"version": next(iter(self.versions(name)))}}
            for name in (ML_PROVIDER, FLOW_PROVIDER)
        }

    def describe_one(self, name: str) -> dict[str, Any] | None:
        """Return one provider with the module of each component, None if there is none of that name."""
        versions = self.versions(name)
        if not versions:
            return None
        modules = self._modules(name)
        spelled = {
            spelling: {"module": path}
            for module, path in modules.items()
            for spelling in (module, module.lower())
        }
        found: dict[str, Any] = {
            version: self._entry(path, spelled) for version, path in versions.items()
        }
        return found | {"default": {"version": next(iter(versions))}}

    def components(self) -> dict[str, Any]:
        """Return all components, each as written and in small letters."""
        found: dict[str, Any] = {}
        for name in (ML_PROVIDER, FLOW_PROVIDER):
            modules = self._modules(name)
            for module, path in modules.items():
                alias = sorted(
                    (
                        other
                        for other in modules
                        if modules[other] == path and other.lower() == module.lower()
                    ),
                    reverse=True,
                )
                entry = {"alias": alias, "default_provider": name, "support_provider": [name]}
                found[module] = found[module.lower()] = entry
        return found

    def _modules(self, name: str) -> dict[str, str]:
        modules: dict[str, str] = server_facts(self._dialect.line, "components")
        known = self._dialect.kinds or {}
        return {
            module: path
            for module, path in modules.items()
            if path.startswith("fate_flow.") == (name == FLOW_PROVIDER) and module in known
        }

    def _entry(self, path: str, components: Any) -> dict[str, Any]:
        return {
            "class_path": server_facts(self._dialect.line, "class_path"),
            "components": components,
            "path": path,
            "python": "",
        }
