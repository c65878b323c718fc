"""Reading a DSL together with its runtime conf: everything the two say, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.dsl.conf import grammar_of, job_type_of
from flowkit_mockserver.dsl.effective import (
    job_parameters_by_party,
    predict_conf_v1,
    predict_conf_v2,
)
from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.graph import Graph, read_graph
from flowkit_mockserver.dsl.parameters import RoleParameters, merge_component
from flowkit_mockserver.dsl.predict_dsl import derive_v1
from flowkit_mockserver.dsl.sources import Sources, check_args, sources_v1, sources_v2
from flowkit_mockserver.dsl.trees import copy_tree

__all__ = ["Parsed", "parse"]

Conf = Mapping[str, Any]


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
    """

    graph: Graph
    roles: Mapping[str, Any]
    parameters: Mapping[str, RoleParameters]
    job_parameters: Mapping[str, Mapping[int, dict[str, Any]]]
    sources: Sources
    inference_dsl: dict[str, Any]


def parse(dsl: Any, conf: Conf, train_conf: Conf) -> Parsed:
    """Read a DSL and its conf in the order of the server.

    Structure, names and references come first, then the parameters in topological order, then the
    data sources, and at last what a v1 training derives.

    Args:
        dsl: the DSL that runs.
        conf: its runtime conf.
        train_conf: for a prediction the runtime conf of the training, otherwise empty.

    Raises:
        DslError: with the text of the first problem. A malformed document raises what Python
            raises; see `errors.server_texts`.
    """
    version = grammar_of(dict(conf))
    mode = job_type_of(dict(conf))
    if mode not in ("train", "predict"):
        raise DslError("dsl' s mode should be train or predict")
    graph = read_graph(copy_tree(dsl), version=version, mode=mode)
    effective: Conf = conf
    if mode == "predict":
        merge = predict_conf_v2 if version == 2 else predict_conf_v1
        effective = merge(train_conf, conf)
    redundant_check = version == 2 or mode == "train"
    parameters = _component_parameters(graph, effective, redundant_check=redundant_check)
    job_parameters = job_parameters_by_party(effective, version=version)
    inference_dsl: dict[str, Any] = {}
    if version == 2:
        sources = sources_v2(conf, graph.components)
    else:
        sources, given = sources_v1(conf)
        check_args(graph.links.args, given)
        if mode == "train":
            inference_dsl = derive_v1(graph)
    # A wrong alias of a model is only noticed here.
    _ = graph.dependencies
    _check_every_role(graph, conf["role"], parameters)
    return Parsed(graph, conf["role"], parameters, job_parameters, sources, inference_dsl)


def _component_parameters(
    graph: Graph, conf: Conf, *, redundant_check: bool
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
