"""The graph of a DSL: its components, in which order they run, and who feeds whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.structure import Links, link_components, read_components

__all__ = ["Graph", "read_graph", "verify_dsl"]

_TRAINING_DATA = ("data", "train_data")


@dataclass(frozen=True)
class Graph:
    """A DSL that has been checked.

    Attributes:
        version: grammar, 1 or 2.
        mode: ``train`` or ``predict``; what the references were checked for.
        dsl: the DSL itself.
        order: every component in topological order, as the server would start them.
        links: who refers to whom.
    """

    version: int
    mode: str
    dsl: Mapping[str, Any]
    order: tuple[str, ...]
    links: Links

    @property
    def components(self) -> Mapping[str, Any]:
        """The components as the DSL describes them."""
        found: Mapping[str, Any] = self.dsl["components"]
        return found

    @property
    def declared(self) -> tuple[str, ...]:
        """The components in the order of declaration (component/list)."""
        return tuple(self.components)

    def component(self, name: str) -> Mapping[str, Any]:
        """Return the description of a component.

        Raises:
            DslError: the DSL has no such component.
        """
        if name not in self.components:
            raise DslError(f"Component {name} does not exist, please have a check")
        found: Mapping[str, Any] = self.components[name]
        return found

    def module(self, name: str) -> str:
        """Return the module of a component."""
        return str(self.component(name)["module"])

    def inputs(self, name: str) -> Mapping[str, Sequence[str]]:
        """Return the data inputs of a component: key -> references ``source.alias``."""
        return dict((self.component(name).get("input") or {}).get("data", {}))

    def model_inputs(self, name: str) -> Sequence[str]:
        """Return the references of ``input.model``."""
        return list((self.component(name).get("input") or {}).get("model", ()))

    def isometric_inputs(self, name: str) -> Sequence[str]:
        """Return the references of ``input.isometric_model``."""
        return list((self.component(name).get("input") or {}).get("isometric_model", ()))

    def cache_inputs(self, name: str) -> Sequence[str]:
        """Return the references of ``input.cache``."""
        return list((self.component(name).get("input") or {}).get("cache", ()))

    def cache_outputs(self, name: str) -> Sequence[str]:
        """Return the aliases of a component's caches."""
        return list(self.component(name).get("output", {}).get("cache", ()))

    def outputs(self, name: str) -> Sequence[str]:
        """Return the aliases of a component's data outputs."""
        return list(self.component(name).get("output", {}).get("data", ()))

    def model_outputs(self, name: str) -> Sequence[str]:
        """Return the aliases of a component's models."""
        return list(self.component(name).get("output", {}).get("model", ()))

    def model_source(self, name: str) -> str | None:
        """Return the component whose module and parameters this one takes over, with a model or cache, if any."""
        return self.links.model_source.get(name)

    def upstream(self, name: str) -> Sequence[str]:
        """Return the components that must have succeeded before this one can run."""
        return self.links.upstream[name]

    def downstream(self, name: str) -> Sequence[str]:
        """Return the components that wait for this one."""
        return self.links.downstream[name]

    @cached_property
    def levels(self) -> Sequence[Sequence[str]]:
        """The components by their longest distance from a root, each level as declared."""
        depth = dict.fromkeys(self.order, 0)
        for name in self.order:
            for consumer in self.links.downstream[name]:
                depth[consumer] = max(depth[consumer], depth[name] + 1)
        levels: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for name in self.declared:
            levels[depth[name]].append(name)
        return levels

    @cached_property
    def dependencies(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The inputs of every component that has any, as pipeline/dag/dependency shows them."""
        found = {}
        for name in self.declared:
            given = self.components[name].get("input")
            if not given:
                continue
            entries = [
                self._dependency(reference, "data", key if key in _TRAINING_DATA else None)
                for key, references in given.get("data", {}).items()
                for reference in references
                if reference.split(".")[0] != "args"
            ]
            entries += [
                self._dependency(reference, "model", "model")
                for key in ("model", "isometric_model")
                for reference in given.get(key, ())
                if reference.split(".")[0] != "pipeline"
            ]
            # The first lines know of no caches.
            entries += [
                self._dependency(reference, "cache", "cache")
                for reference in given.get("cache", ())
                if reference.split(".")[0] in self.links.upstream[name]
            ]
            if entries:
                found[name] = entries
        return found

    def _dependency(self, reference: str, output: str, shown_type: str | None) -> dict[str, Any]:
        parts = reference.split(".")
        if parts[0] not in self.components:
            raise TypeError("list indices must be integers or slices, not NoneType")
        alias = parts[1]
        aliases = self.components[parts[0]].get("output", {}).get(output)
        return {
            "component_name": parts[0],
            "type": shown_type or "validate_data",
            "up_output_info": [output, aliases.index(alias) if aliases else 0],
        }


def read_graph(dsl: Any, *, version: int, mode: str, dialect: Dialect | None = None) -> Graph:
    """Read and check a DSL.

    Args:
        dsl: the DSL as it was submitted.
        version: grammar, 1 or 2.
        mode: ``train`` or ``predict``.
        dialect: how the server speaks; None for the first lines.

    Raises:
        DslError: with the server's text of the first problem.
    """
    later = dialect is not None and dialect.own_project
    components = read_components(dsl, mode=mode, version=version)
    links = link_components(components, mode=mode, later=later)
    return Graph(version, mode, dsl, _topological(links), links)


def verify_dsl(dsl: Any, *, version: int) -> None:
    """Check a predict DSL that was supplied with a deployment."""
    read_graph(dsl, version=version, mode="predict")


def _topological(links: Links) -> tuple[str, ...]:
    waiting = {name: len(sources) for name, sources in links.upstream.items()}
    # A stack, so that the last declared root comes first.
    ready = [name for name, count in waiting.items() if count == 0]
    order = []
    while ready:
        name = ready.pop()
        order.append(name)
        for consumer in links.downstream[name]:
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                ready.append(consumer)
    if len(order) != len(waiting):
        raise DslError(f"{'->'.join(_loop_from_first(links))} form a loop")
    return tuple(order)


def _loop_from_first(links: Links) -> list[str]:
    """Return the loop met first on a walk from the first component; empty if it meets none."""
    seen: set[str] = set()
    path: list[str] = []
    loop: list[str] = []

    def walk(name: str) -> None:
        seen.add(name)
        path.append(name)
        for consumer in links.downstream[name]:
            if loop:
                return
            if consumer in path:
                loop.extend(path[path.index(consumer) :])
                return
            if consumer not in seen:
                walk(consumer)
        path.pop()

    walk(next(iter(links.downstream)))
    return loop
