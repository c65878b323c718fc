"""The model of a reader: its parameters and what it found out, in the buffers of its kind and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.core.model_buffers import buffers_of, saved_model
from flowkit_mockserver.components.feature.imputer import Imputed
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["fitted_parameters", "reader_model", "tell_names"]


def _by_name(header: list[str], values: list[Any]) -> dict[str, Any]:
    return dict(zip(header, values, strict=False))


def _replaced(name: str, prefix: str, header: list[str], done: Imputed | None) -> dict[str, Any]:
    """Return what was replaced in which columns; `prefix` is that of the fields, missing or outlier."""
    if done is None:
        return message(name)
    fields = {
        f"{prefix}ReplaceValue": _by_name(header, [str(value) for value in done.values]),
        f"{prefix}ValueRatio": _by_name(header, list(done.rates)),
    }
    return message(name, **fields)


def reader_model(
    module: str,
    asked: Mapping[str, Any],
    names: Mapping[str, Any],
    filled: Imputed | None,
    cleaned: Imputed | None,
) -> Model:
    """Return the model of a reader.

    Args:
        module: the kind.
        asked: its parameters.
        names: header, sidName and labelName of the table.
        filled: what replaced missing values, if they were replaced.
        cleaned: what replaced outliers, if they were replaced.

    Raises:
        TypeError: a column is to have a data type that is no text.
    """
    for data_type in (asked.get("exclusive_data_type") or {}).values():
        if not isinstance(data_type, str):
            kind = type(data_type).__name__
            raise TypeError(f"{data_type!r} has type {kind}, but expected one of: bytes, unicode")
    meta_message, param_message = buffers_of(module).meta_message, buffers_of(module).param_message
    prefix = meta_message.removesuffix("Meta").removeprefix("DataIO")
    tagged = asked["input_format"] == "tag"
    header = list(names["header"])
    meta = message(
        meta_message,
        inputFormat=asked["input_format"],
        delimitor=asked["delimitor"],
        dataType=asked["data_type"],
        tagWithValue=tagged and asked["tag_with_value"],
        tagValueDelimitor=asked["tag_value_delimitor"] if tagged else ":",
        withLabel=asked["with_label"] and asked["input_format"] != "sparse",
        labelName=names["labelName"],
        labelType=asked["label_type"],
        outputFormat=asked["output_format"],
        needRun=True,
        exclusiveDataType=asked.get("exclusive_data_type"),
        imputerMeta=message(
            f"{prefix}ImputerMeta",
            isImputer=filled is not None,
            strategy=(asked["missing_fill_method"] or "") if filled else "",
            missingValue=[str(v) for v in filled.unwanted] if filled else [],
        ),
        outlierMeta=message(
            f"{prefix}OutlierMeta",
            isOutlier=cleaned is not None,
            strategy=(asked["outlier_replace_method"] or "") if cleaned else "",
            outlierValue=[str(v) for v in cleaned.unwanted] if cleaned else [],
        ),
    )
    param = message(
        param_message,
        **names,
        imputerParam=_replaced(f"{prefix}ImputerParam", "missing", header, filled),
        outlierParam=_replaced(f"{prefix}OutlierParam", "outlier", header, cleaned),
    )
    return saved_model(module, meta, param)


def tell_names(model: Model, asked: Mapping[str, Any], party: Party) -> None:
    """Say in the buffers how the columns are called, as the later lines do."""
    meta, param = model.meta, model.param
    meta |= {"withMatchId": bool(asked.get("with_match_id")), "needRun": False}
    meta["withLabel"] = asked["with_label"]
    if asked["input_format"] == "dense":
        param["sidName"] = ""
    if not asked["with_label"]:
        meta |= {"labelName": "", "labelType": ""}
        # Of tags the name of the conf is kept, though nothing goes by it.
        tags = asked["input_format"] == "tag"
        param["labelName"] = (asked["label_name"] or "").lower() if tags else ""
    role, party_id = party
    places = range(len(param["header"]))
    param["anonymousHeader"] = [f"{role}_{party_id}_x{place}" for place in places]


def fitted_parameters(model: Model) -> dict[str, Any]:
    """Return the parameters of a reader from the buffers of its model; a user's lists are lists of texts there."""
    meta, param = model.meta, model.param
    imputer, outlier = meta.get("imputerMeta", {}), meta.get("outlierMeta", {})
    header = list(param.get("header", ()))
    fillings = param.get("imputerParam", {}).get("missingReplaceValue", {})
    replacements = param.get("outlierParam", {}).get("outlierReplaceValue", {})
    return {
        "input_format": meta.get("inputFormat", "dense"),
        "delimitor": meta.get("delimitor", ","),
        "data_type": meta.get("dataType", "float"),
        "exclusive_data_type": meta.get("exclusiveDataType"),
        "tag_with_value": meta.get("tagWithValue", False),
        "tag_value_delimitor": meta.get("tagValueDelimitor", ":"),
        "with_label": meta.get("withLabel", False),
        "with_match_id": meta.get("withMatchId", False),
        "label_name": param.get("labelName") or meta.get("labelName", ""),
        "label_type": meta.get("labelType", ""),
        "output_format": meta.get("outputFormat", "dense"),
        "header": header,
        "missing_fill": imputer.get("isImputer", False),
        "missing_fill_method": imputer.get("strategy") or None,
        "missing_impute": list(imputer.get("missingValue", ())) or None,
        "default_value": [fillings.get(name) for name in header],
        "outlier_replace": outlier.get("isOutlier", False),
        "outlier_replace_method": outlier.get("strategy") or None,
        "outlier_impute": list(outlier.get("outlierValue", ())) or None,
        "outlier_replace_value": [replacements.get(name) for name in header],
    }
