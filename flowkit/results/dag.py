"""A job as a graph: its components, what each takes from which, and how far each party is with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from math import isfinite
from typing import Any

from flowkit.errors import ArgumentError
from flowkit.results.answers import Source, mapping_at, mappings_at, payload, sequence_at

__all__ = ["Dag", "DagEdge", "DagNode", "read_dag", "read_dependencies"]

#: What a component's status is when its parties differ: the first of these that one of them has.
PRECEDENCE = ("failed", "timeout", "canceled", "running", "waiting", "success")


@dataclass(frozen=True, slots=True)
class DagNode:
    """A component of a job.

    Attributes:
        name: ``hetero_lr_0``.
        module: its kind, ``HeteroLR``; empty where the answer does not name it.
        layer: the longest way from a component that takes nothing, 0 for those.
        statuses: status by party, ``guest/9999``: waiting, running, success, failed, canceled,
            timeout; empty without tasks, or before the job came to it.
        elapsed: milliseconds by party, where the task has ended.
    """

    name: str
    module: str
    layer: int
    statuses: Mapping[str, str] = field(default_factory=dict)
    elapsed: Mapping[str, int] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The status of all parties together: the gravest; ``waiting`` when none is known."""
        found = set(self.statuses.values())
        ranked = [status for status in PRECEDENCE if status in found]
        if ranked[:1] == ["waiting"] and "success" in found:
            return "running"
        return ranked[0] if ranked else next(iter(sorted(found)), "waiting")


@dataclass(frozen=True, slots=True)
class DagEdge:
    """What one component takes from another.

    Attributes:
        source: the component that puts it out.
        target: the component that takes it.
        kind: what it is: ``data``, ``train_data``, ``validate_data``, ``test_data``, ``model``,
            ``isometric_model``, ``cache``.
        output: under which name it is put out; empty where the answer does not say.
    """

    source: str
    target: str
    kind: str
    output: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Dag:
    """The graph of a job.

    Attributes:
        nodes: in an order in which they can run.
        edges: in the order of their targets.
    """

    nodes: tuple[DagNode, ...]
    edges: tuple[DagEdge, ...]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(node.name for node in self.nodes)}>"

    @property
    def layers(self) -> tuple[tuple[DagNode, ...], ...]:
        """The nodes by layer: an edge always points to a later one."""
        count = max((node.layer for node in self.nodes), default=-1) + 1
        return tuple(tuple(n for n in self.nodes if n.layer == layer) for layer in range(count))

    def node(self, name: str) -> DagNode:
        """Return a component.

        Raises:
            ArgumentError: there is none of that name.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise ArgumentError(
            f"the job has no component {name!r}; it has {known}", argument="name", value=name
        )


def read_dag(dsl: Source, tasks: Iterable[Mapping[str, Any]] = ()) -> Dag:
    """Return the graph of a job from its DSL, of version 1 or 2.

    Args:
        dsl: the DSL: ``client.job.query(job_id).data[0]["f_dsl"]``, or what was submitted.
        tasks: rows of its tasks, ``client.task.query(job_id).rows``; without them nobody has a status.

    Raises:
        ArgumentError: it is no DSL, it names a component that is not there, or its components need each other.
    """
    components = mapping_at(payload(dsl, "dsl"), "components")
    if not components:
        raise ArgumentError("dsl: it has no components", argument="dsl", value=dsl)
    edges = []
    for name in components:
        component = mapping_at(components, name)
        edges += list(_inputs(name, mapping_at(component, "input")))
    modules = {name: str(mapping_at(components, name).get("module") or "") for name in components}
    return _dag(modules, edges, tasks)


def read_dependencies(answer: Source, tasks: Iterable[Mapping[str, Any]] = ()) -> Dag:
    """Return the graph of a job from an answer of ``component.dependency``.

    It knows less than the DSL: validation, test and evaluation data are all ``validate_data`` there.

    Args:
        answer: the reply, or its data.
        tasks: rows of its tasks.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(answer, "answer")
    modules = mapping_at(data, "component_module")
    names = [str(name) for name in sequence_at(data, "component_list")]
    dependencies = mapping_at(data, "dependencies")
    edges = []
    for target in dependencies:
        for entry in mappings_at(dependencies, target):
            output = sequence_at(entry, "up_output_info")
            shown = str(output[0]) if output else ""
            source = str(entry.get("component_name"))
            edges.append(DagEdge(source, target, str(entry.get("type") or "data"), shown))
    return _dag({name: str(modules.get(name) or "") for name in names}, edges, tasks)


def _inputs(target: str, inputs: Mapping[str, Any]) -> Iterator[DagEdge]:
    for kind in inputs:
        given = inputs[kind]
        named = given.items() if isinstance(given, Mapping) else [(kind, given)]
        for key, references in named:
            listed = [references] if isinstance(references, str) else references
            if not isinstance(listed, Sequence):
                continue
            for reference in listed:
                source, _, output = str(reference).rpartition(".")
                # What lies outside the job: tables that the conf names (version 1), and models of a training.
                if source and source != "args" and not source.startswith("pipeline."):
                    yield DagEdge(source, target, str(key), output)


def _dag(
    modules: Mapping[str, str], edges: list[DagEdge], tasks: Iterable[Mapping[str, Any]]
) -> Dag:
    before: dict[str, list[str]] = {name: [] for name in modules}
    for edge in edges:
        for name in (edge.source, edge.target):
            if name not in before:
                raise ArgumentError(
                    f"dsl: {edge.target} takes {edge.output or edge.kind} from {edge.source}, "
                    f"and there is no component {name}",
                    argument="dsl",
                )
        before[edge.target].append(edge.source)
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " -> ".join(map(str, error.args[1]))
        raise ArgumentError(
            f"dsl: its components need each other: {circle}", argument="dsl"
        ) from error
    layers: dict[str, int] = {}
    for name in order:
        layers[name] = max((layers[source] + 1 for source in before[name]), default=0)
    places = {name: place for place, name in enumerate(modules)}
    order.sort(key=lambda name: (layers[name], places[name]))
    statuses, elapsed = _standing(tasks)
    nodes = tuple(
        DagNode(name, modules[name], layers[name], statuses.get(name, {}), elapsed.get(name, {}))
        for name in order
    )
    return Dag(nodes, tuple(edges))


def _standing(
    tasks: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, int]]]:
    """Return status and duration of each component by party, of the latest run."""
    statuses: dict[str, dict[str, str]] = {}
    elapsed: dict[str, dict[str, int]] = {}
    latest: dict[tuple[str, str], int] = {}
    for row in tasks:
        name = str(row.get("f_component_name") or "")
        party = f"{row.get('f_role')}/{row.get('f_party_id')}"
        version = row.get("f_task_version")
        run = version if isinstance(version, int) else 0
        if run < latest.get((name, party), run):
            continue
        latest[name, party] = run
        # `f_status` is the task's as a whole; `f_party_status` is how far this party is.
        own = row.get("f_party_status") or row.get("f_status") or "waiting"
        statuses.setdefault(name, {})[party] = str(own)
        elapsed.setdefault(name, {}).pop(party, None)
        if isinstance(took := row.get("f_elapsed"), int | float) and isfinite(took):
            elapsed[name][party] = int(took)
    return statuses, elapsed
