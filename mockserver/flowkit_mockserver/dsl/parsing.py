"""Reading a DSL together with its runtime conf: everything the two say, checked, and where the data comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.dialects import DEFAULT, Dialect, dialect_of
from flowkit_mockserver.dsl.conf import (
    copy_tree,
    grammar_of,
    job_parameters_by_party,
    job_type_of,
    predict_conf_v1,
    predict_conf_v2,
)
from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.graph import Graph, read_graph
from flowkit_mockserver.dsl.later_parameters import component_parameters
from flowkit_mockserver.dsl.parameters import RoleParameters, merge_component
from flowkit_mockserver.dsl.predict_dsl import derive_v1
from flowkit_mockserver.kinds.lookup import reads_table

__all__ = ["FIRST", "Parsed", "Sources", "parse"]

#: How a server speaks unless it is said otherwise.
FIRST = dialect_of(DEFAULT)

Conf = Mapping[str, Any]
Sources = dict[str, list[dict[str, Any]]]
"""Role -> per party a map: key of ``args`` or name of a reader -> where its table is.

The value under an args key is one table ``{"name", "namespace"}``; under a reader it is the
reader's parameters, normally ``{"table": {"name", "namespace"}}``.
"""


@dataclass(frozen=True)
class Parsed:
    """What a DSL and its conf say.

    Attributes:
        graph: the checked DSL.
        roles: role -> parties, of the conf.
        parameters: component -> role -> stored parameters, one a party.
        job_parameters: role -> party -> the flat job parameters.
        sources: role -> per party where the data is.
        inference_dsl: what a v1 training derives for predictions; empty otherwise.
        conf: the conf that counts: for a prediction that of the training, overlaid.
    """

    graph: Graph
    roles: Mapping[str, Any]
    parameters: Mapping[str, RoleParameters]
    job_parameters: Mapping[str, Mapping[int, dict[str, Any]]]
    sources: Sources
    inference_dsl: dict[str, Any]
    conf: Conf


def parse(dsl: Any, conf: Conf, train_conf: Conf, *, dialect: Dialect = FIRST) -> Parsed:
    """Read a DSL and its conf in the order of the server.

    Structure, names and references come first, then the parameters in topological order, then the
    data sources, and at last what a v1 training derives.

    Args:
        dsl: the DSL that runs.
        conf: its runtime conf.
        train_conf: for a prediction the runtime conf of the training, otherwise empty.
        dialect: how the server speaks.

    Raises:
        DslError: with the text of the first problem. A malformed document raises what Python
            raises; see `errors.server_texts`.
    """
    version = grammar_of(dict(conf))
    mode = job_type_of(dict(conf))
    if mode not in ("train", "predict"):
        raise DslError("dsl' s mode should be train or predict")
    graph = read_graph(copy_tree(dsl), version=version, mode=mode, dialect=dialect)
    effective: Conf = conf
    if mode == "predict":
        merge = predict_conf_v2 if version == 2 else predict_conf_v1
        effective = merge(train_conf, conf)
    if dialect.own_project:
        return Parsed(
            graph,
            conf["role"],
            component_parameters(graph, effective, dialect),
            job_parameters_by_party(effective, version=version),
            _sources_v2(conf, graph.components),
            {},
            effective,
        )
    redundant_check = version == 2 or mode == "train"
    parameters = _component_parameters(graph, effective, redundant_check, dialect)
    job_parameters = job_parameters_by_party(effective, version=version)
    inference_dsl: dict[str, Any] = {}
    if version == 2:
        sources = _sources_v2(conf, graph.components)
    else:
        sources, given = _sources_v1(conf)
        _check_args(graph.links.args, given)
        if mode == "train":
            inference_dsl = derive_v1(graph)
    # A wrong alias of a model is only noticed here.
    _ = graph.dependencies
    _check_every_role(graph, conf["role"], parameters)
    return Parsed(
        graph, conf["role"], parameters, job_parameters, sources, inference_dsl, effective
    )


def _component_parameters(
    graph: Graph, conf: Conf, redundant_check: bool, dialect: Dialect
) -> dict[str, RoleParameters]:
    parameters: dict[str, RoleParameters] = {}
    for name in graph.order:
        source = graph.model_source(name)
        if source is not None:
            parameters[name] = parameters[source]
            continue
        parameters[name] = merge_component(
            conf,
            graph.components[name]["module"],
            name,
            version=graph.version,
            redundant_check=redundant_check,
            dialect=dialect,
        )
    return parameters


def _check_every_role(
    graph: Graph, roles: Mapping[str, Any], parameters: Mapping[str, RoleParameters]
) -> None:
    """Every party of the conf needs parameters of its own; a prediction may name too many."""
    for role, parties in roles.items():
        for name in graph.order:
            stored = parameters[name].get(role)
            if stored is not None and len(stored) < len(parties):
                raise IndexError("list index out of range")


def _sources_v1(conf: Mapping[str, Any]) -> tuple[Sources, set[str]]:
    """Return the sources of a v1 conf and the data keys that any role gives.

    Raises:
        DslError: the conf has no role parameters; a list has not one table a party.
    """
    by_role = conf.get("role_parameters", {})
    if not by_role.keys():
        raise DslError("not enough values to unpack (expected 2, got 0)")
    sources: Sources = {}
    keys = set()
    for role in by_role:
        args = by_role[role].get("args")
        if not args:
            continue
        parties = conf["role"][role]
        sources[role] = []
        tables_by_key = args.get("data") if "data" in args else {}
        for key in tables_by_key:
            tables = tables_by_key[key]
            if len(tables) != len(parties):
                raise DslError(
                    f"Role {role} role parameter {key} should be a list of same length with roles"
                )
            keys.add(key)
            for index in range(len(tables)):
                if len(sources[role]) <= index:
                    sources[role].append({})
                sources[role][index][key] = tables[index]
    return sources, keys


def _check_args(wanted: Sequence[str], given: set[str]) -> None:
    """Check that every ``args.KEY`` of a v1 DSL is given in the conf."""
    for key in wanted:
        if key not in given:
            raise DslError(f"{key} does not exist in submit conf's data, please check!")


def _sources_v2(conf: Mapping[str, Any], components: Mapping[str, Any]) -> Sources:
    """Return the sources of a v2 conf: the role parameters of every Reader of the DSL.

    Raises:
        KeyError: a role of the component parameters takes no part in the job.
        IndexError: a reader has parameters for a party that does not exist.
    """
    by_role = conf.get("component_parameters", {}).get("role")
    if by_role is None:
        return {}
    readers = [name for name in components if reads_table(components[name].get("module"))]
    sources: Sources = {}
    for role in by_role.keys():  # noqa: SIM118 - what is no map fails on "keys"
        sources[role] = [{reader: {} for reader in readers} for _ in range(len(conf["role"][role]))]
        for indexes in by_role[role].keys():  # noqa: SIM118
            given = by_role[role][indexes]
            for reader in readers:
                if reader not in given:
                    continue
                if indexes == "all":
                    chosen = list(range(len(sources[role])))
                else:
                    chosen = [int(index) for index in indexes.split("|")]
                for index in chosen:
                    sources[role][index][reader] = given[reader]
    return sources
