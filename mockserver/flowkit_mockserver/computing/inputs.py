"""What a task computes from: the tables, models and caches that the components before it left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.interface import Cache, ComponentFailed, Model, TableData
from flowkit_mockserver.computing.caches import read_cache
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit_mockserver.computing.computation import Computation
    from flowkit_mockserver.models.service import Models

__all__ = ["FindOutput", "Inputs"]

_PIPELINE = "pipeline"

#: Returns what a component of a job left behind on a party, or None.
FindOutput = Callable[[str, str, Party], Mapping[str, Any] | None]


class Inputs:
    """The inputs of one computation. Used under the server's lock.

    Args:
        computation: the computation.
        find_output: the outputs of the components before it.
        models: the models that predictions start from.
    """

    def __init__(self, computation: Computation, find_output: FindOutput, models: Models) -> None:
        self._computation = computation
        self._graph = computation.plan.graph
        self._find_output = find_output
        self._models = models

    def tables(self, party: Party) -> dict[str, list[tuple[str, TableData]]]:
        """Return the tables, by the key of the DSL, each with the component that it comes from.

        Raises:
            ComponentFailed: a table that the job names is not there.
        """
        found: dict[str, list[tuple[str, TableData]]] = {}
        for key, references in self._graph.inputs(self._computation.component).items():
            for reference in references:
                source, _, alias = reference.partition(".")
                read = self._argument if source == "args" else self._output_table
                table = read(source, alias, party)
                if table is not None:
                    found.setdefault(key, []).append((source, table))
        return found

    def _argument(self, source: str, key: str, party: Party) -> TableData | None:
        role, party_id = party
        plan = self._computation.plan
        given = plan.sources.get(role)
        if given is None:
            return None
        address = given[[str(party) for party in plan.roles[role]].index(party_id)].get(key)
        if address is None:
            return None
        name, namespace = address["name"], address["namespace"]
        table = self._computation.access.read_table(namespace, name, party)
        if table is None:
            raise ComponentFailed(f"can not found table name: {name} namespace: {namespace}", party)
        return table

    def _output_table(self, component: str, alias: str, party: Party) -> TableData | None:
        output = self._find_output(self._computation.job_id, component, party)
        for table in output["tables"] if output else ():
            if table["data_name"] == alias:
                access = self._computation.access
                return access.read_table(table["namespace"], table["name"], party)
        return None

    def model(self, party: Party) -> Model | None:
        """Return the model that the component starts from; None for none."""
        references = self._graph.model_inputs(self._computation.component)
        return self._find_model(references[0], party) if references else None

    def isometric(self, party: Party) -> list[Model]:
        """Return the isometric models."""
        references = self._graph.isometric_inputs(self._computation.component)
        models = [self._find_model(reference, party) for reference in references]
        return [model for model in models if model is not None]

    def _find_model(self, reference: str, party: Party) -> Model | None:
        source, _, rest = reference.partition(".")
        plan = self._computation.plan
        document: Mapping[str, Any] | None = None
        if source == _PIPELINE:
            component, _, alias = rest.partition(".")
            models = self._models.at(self._computation.access.site_of(party))
            record = models.find(party, plan.model_id, plan.model_version)
            if record is not None:
                document = record["components"].get(component, {}).get(alias)
        else:
            output = self._find_output(self._computation.job_id, source, party)
            document = output["model"] if output else None
        return None if document is None else Model.from_document(document)

    def caches(self, party: Party) -> list[Cache | None]:
        """Return the caches, None where there is none."""
        found: list[Cache | None] = []
        for reference in self._graph.cache_inputs(self._computation.component):
            source = reference.partition(".")[0]
            output = self._find_output(self._computation.job_id, source, party)
            document = output.get("cache") if output else None
            access = self._computation.access
            found.append(read_cache(access, document, party) if document else None)
        return found
