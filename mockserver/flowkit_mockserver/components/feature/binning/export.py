"""The buffers of a binning, and a fitted binning read back from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowkit_mockserver.components.core.instance import FLOAT, INTEGER, ZERO_IS_INTEGER, Instances
from flowkit_mockserver.components.core.interface import ComponentRun, Model, PartyResult
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import parameter
from flowkit_mockserver.components.feature.binning.bins import Bins
from flowkit_mockserver.components.feature.binning.column_choice import ColumnChoice
from flowkit_mockserver.components.statistic.quantile import bin_numbers
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = [
    "NO_EVIDENCE",
    "binning_meta",
    "binning_model",
    "loaded_bins",
    "reloaded_model",
    "resting_model",
    "result_message",
    "tell_by_class",
    "tell_optimum",
    "transformed_table",
]

NO_EVIDENCE = "Woe transform is not available for host parties."


def binning_meta(asked: Mapping[str, Any], choice: ColumnChoice, *, host: bool) -> dict[str, Any]:
    """Return the meta buffer; of an optimal binning a host saves the number of its fine bins."""
    bins = asked["bin_num"]
    if host and asked["method"] == "optimal":
        bins = asked["optimal_binning_param"]["init_bin_nums"]
    return message(
        "FeatureBinningMeta",
        needRun=True,
        method=asked["method"],
        compressThres=asked["compress_thres"],
        headSize=asked["head_size"],
        error=asked["error"],
        binNum=bins,
        cols=choice.binned,
        adjustmentFactor=asked["adjustment_factor"],
        localOnly=asked["local_only"],
        skipStatic=asked["skip_static"],
        transformParam=message(
            "TransformMeta",
            transformCols=choice.transformed_places,
            transformType=asked["transform_param"]["transform_type"],
        ),
    )


def resting_model(run: ComponentRun, party: Party) -> Model:
    """Return the model of a party whose parameter says ``need_run: false``: it tells of no column."""
    asked = {"optimal_binning_param": {}, **parameter(run, party)}
    nothing = ColumnChoice([], [], [], [])
    meta = binning_meta(asked, nothing, host=party[0] == "host") | {"needRun": False}
    together = run.module != "HeteroFeatureBinning"
    model = binning_model(run.module, meta, result_message({}, *(() if together else party)))
    if run.behaviour.structured_binning:
        hosts = [host for role, host in run.parties if role == "host"]
        tell_by_class(PartyResult(model=model), [], hosts, labels=[])
    return model


def result_message(bins: Mapping[str, Bins], role: str = "", party_id: str = "") -> dict[str, Any]:
    """Return the bins of one party, by the names they are shown under, as a part of a parameter buffer."""
    shown = {name: found.to_message() for name, found in bins.items()}
    return message("FeatureBinningResult", binningResult=shown, role=role, partyId=party_id)


def binning_model(
    module: str,
    meta: dict[str, Any],
    result: dict[str, Any],
    header: Sequence[str] = (),
    *,
    anonymous: Sequence[str] = (),
    hosts: Sequence[dict[str, Any]] = (),
) -> Model:
    """Return the model of one party.

    Args:
        module: the kind.
        meta: from `binning_meta`.
        result: the party's own bins, from `result_message`.
        header: the columns of its table.
        anonymous: the names under which others know them.
        hosts: what the guest knows of the hosts, from `result_message`.
    """
    param = message(
        "FeatureBinningParam",
        binningResult=result,
        hostResults=list(hosts),
        header=list(header),
        headerAnonymous=list(anonymous),
        modelName="binning_model",
    )
    return saved_model(module, meta, param)


def tell_by_class(
    result: PartyResult,
    anonymous: Sequence[str],
    host_ids: Sequence[str],
    *,
    labels: Sequence[Any],
    others: Sequence[dict[str, Any]] = (),
    hosts: Sequence[Sequence[dict[str, Any]]] = (),
    counts_host_bins: bool = True,
) -> None:
    """Add to a model what the later lines say of each class; there is one result for two of them.

    Args:
        result: of a party; its own bins and what it knows of hosts are those of the first class.
        anonymous: the names under which others know its columns.
        host_ids: of the hosts.
        labels: the labels against which the bins are held; empty if they are not.
        others: the party's own bins held against each further class, from `result_message`.
        hosts: host → what the guest knows of it for each further class.
        counts_host_bins: whether it says how many bins a host has.
    """
    if result.model is None:
        return
    param, meta = result.model.param, result.model.meta
    own = param["binningResult"]
    if not labels:
        own |= {"role": "", "partyId": ""}
    further = hosts or [()] * len(param["hostResults"])
    seen = [
        each
        for first, rest in zip(param["hostResults"], further, strict=True)
        for each in (first, *rest)
    ]
    for party in (own, *others, *seen):
        for column in party["binningResult"].values():
            column["optimalMetricArray"] = []
            if param["binningResult"]["role"] != "guest" and not counts_host_bins:
                column["binNums"] = "0"
    meta["optimalMetricMethod"] = ""
    param["headerAnonymous"] = list(anonymous)
    param["transformHostResults"] = []
    param["multiClassResult"] = {
        "results": [own, *others],
        "labels": [str(label) for label in labels],
        "hostResults": seen,
        "hostPartyIds": list(host_ids),
        "hasHostResult": bool(param["hostResults"]),
    }


def tell_optimum(result: PartyResult, asked: Mapping[str, Any], bins: Mapping[str, Bins]) -> None:
    """Add to a model of the later lines how an optimal binning found its bins.

    Args:
        result: of a party, after `tell_by_class`.
        asked: its parameter.
        bins: its own.
    """
    given = asked.get("split_points_by_index") or asked.get("split_points_by_col_name")
    if result.model is None or asked["method"] != "optimal" or given:
        return
    result.model.meta["optimalMetricMethod"] = asked["optimal_binning_param"]["metric_method"]
    columns = result.model.param["binningResult"]["binningResult"]
    for name, column in columns.items():
        if name in bins:
            column["optimalMetricArray"] = bins[name].scores


def loaded_bins(model: Model) -> dict[str, Bins]:
    """Return the party's own bins by column."""
    found = model.param["binningResult"]["binningResult"]
    return {
        name: Bins.from_message(document)
        for name, document in found.items()
        if document.get("splitPoints")
    }


def reloaded_model(
    model: Model, data: Instances, asked: Mapping[str, Any], role: str, *, behaviour: Behaviour
) -> tuple[Model, Instances]:
    """Apply a fitted binning to a table.

    What is transformed, and into what, says the model; which columns there are, says the table. The model is saved
    again with the parameters of the component at hand, and without the anonymous names.

    Args:
        model: as it was saved.
        data: the table.
        asked: the parameters of the component that applies it.
        role: of the party.
        behaviour: of the line.

    Raises:
        ValueError: a column has no bins, or those of a host have no weights of evidence.
    """
    meta = model.meta
    header = list(model.param["header"])
    transform = meta.get("transformParam") or {}
    if behaviour.loads_choice:
        asked = _with_loaded_choice(asked, meta["cols"], transform)
    choice = ColumnChoice.of(
        data.header,
        asked,
        binned=meta["cols"],
        transformed=[header[int(place)] for place in transform.get("transformCols", [])],
    )
    bins = loaded_bins(model)
    kind = transform.get("transformType") or None
    if role == "host" and kind == "woe" and not any(found.woe for found in bins.values()):
        raise ValueError(NO_EVIDENCE)
    apart = behaviour.skips_missing
    table = transformed_table(data, bins, choice.transformed, kind, missing_apart=apart)
    asked = {"optimal_binning_param": {}, **asked}
    param = {**model.param, "header": list(data.header), "headerAnonymous": []}
    shown = binning_meta(asked, choice, host=role == "host")
    if "optimalMetricMethod" in meta:
        shown["optimalMetricMethod"] = meta["optimalMetricMethod"]
    return saved_model(model.module, shown, param), table


def _with_loaded_choice(
    asked: Mapping[str, Any], binned: Sequence[str], transform: Mapping[str, Any]
) -> dict[str, Any]:
    """Return parameters with the columns that a model has, and what it makes of them."""
    own = {
        **asked["transform_param"],
        "transform_cols": [int(place) for place in transform.get("transformCols", [])],
        "transform_type": transform.get("transformType") or None,
    }
    return {**asked, "bin_indexes": [], "bin_names": list(binned), "transform_param": own}


def transformed_table(
    data: Instances,
    bins: Mapping[str, Bins],
    names: Sequence[str],
    kind: str | None,
    known: Mapping[str, NDArray[np.intp]] = MappingProxyType({}),
    *,
    missing_apart: bool = False,
) -> Instances:
    """Return a table with columns replaced by the numbers of their bins (`kind` bin_num) or their weight of evidence.

    In a sparse table a zero is a value that is not there, and stays so. Any other `kind` replaces nothing.

    Args:
        data: the table.
        bins: by column.
        names: the columns to replace.
        kind: what by.
        known: numbers of bins by column, shapes (n,), where they were found before.
        missing_apart: whether missing values are in a bin of their own.

    Raises:
        ValueError: a column has no bins.
    """
    if kind not in {"bin_num", "woe"}:
        return data
    if missing := [name for name in names if name not in bins]:
        raise ValueError(f"KeyError: {missing[0]!r}")
    features = data.numbers.copy()
    forms = np.zeros(data.width, dtype=np.uint8) if data.forms is None else data.forms.copy()
    whole = bool(data.width) and bool(np.all(forms == INTEGER))
    for name in names:
        place = data.header.index(name)
        column = features[:, place].copy()
        numbers = known.get(name)
        if numbers is None:
            numbers = bin_numbers(column, bins[name].points, missing_apart=missing_apart)
        found = bins[name].transformed(numbers, kind)
        if data.sparse:
            forms[place] = INTEGER if kind == "bin_num" else ZERO_IS_INTEGER
            found = np.where(column == 0, 0.0, found)
        elif whole:
            # A row of integers takes integers only.
            found = np.trunc(found)
        else:
            forms[place] = FLOAT
        features[:, place] = found
    return data.with_features(features, data.header, forms)
