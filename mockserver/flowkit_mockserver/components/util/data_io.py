"""DataIO and DataTransform: lines of text become labelled, typed instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
    TableData,
    order_of,
)
from flowkit_mockserver.components.core.model_buffers import saved_model
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.components.feature.imputer import Imputed, fit_imputation, impute
from flowkit_mockserver.components.util.feature_readers import (
    TagText,
    numbers,
    read_label,
    read_sparse,
    sparse_width,
)
from flowkit_mockserver.party import Party
from flowkit_mockserver.proto.documents import message

__all__ = ["transform_text"]

_DATA = ("data", "train_data", "test_data", "validate_data", "eval_data")


class _Reading:
    """One table being read, either to find out the header and fillings or with those of a fitted model."""

    def __init__(self, module: str, asked: Mapping[str, Any], fitted: Mapping[str, Any] | None):
        # A fitted reader brings the parameters it was fitted with.
        self.module = module
        self.asked: Mapping[str, Any] = fitted["asked"] if fitted else asked
        self.fitted = fitted
        self.lower = module == "DataTransform"
        self.filled: Imputed | None = None
        self.cleaned: Imputed | None = None
        self.label_name: str = self.asked["label_name"] or ""
        if self.lower and self.asked["input_format"] == "dense":
            self.label_name = self.label_name.lower()
        self.sid_name = "sid"
        self.header: list[str] = []

    def read(self, table: TableData) -> Instances:
        records = sorted(table.records, key=lambda record: order_of(record[0]))
        keys = [key for key, _ in records]
        lines = [line for _, line in records]
        reader = {"dense": self._dense, "sparse": self._sparse, "tag": self._tags}
        rows, labels = reader[self.asked["input_format"]](table.schema, lines)
        extra: dict[str, Any] = {"sid_name": self.sid_name, "label_name": self.label_name}
        if self.asked["output_format"] == "sparse":
            extra["sparse"] = True
        data = Instances(keys, rows, labels, None, self.header, extra, table.partitions)
        if self.fitted:
            data = data.aligned(self.fitted["header"])
            self.header = data.header
        return data

    def _dense(
        self, schema: Mapping[str, Any], lines: list[str]
    ) -> tuple[list[list[Any]], list[Any] | None]:
        header, sid = schema.get("header"), schema.get("sid")
        if header is None or sid is None:
            raise KeyError("header" if header is None else "sid")
        if self.lower:
            header, sid = header.lower(), sid.lower()
        self.sid_name = sid
        delimiter = self.asked["delimitor"]
        names = header.split(delimiter) if header else []
        at: int | None = None
        if self.asked["with_label"]:
            if self.label_name in names:
                at = names.index(self.label_name)
            elif not self.fitted:
                raise ValueError(f"'{self.label_name}' is not in list")
        self.header = [name for i, name in enumerate(names) if i != at]
        texts = [line.split(delimiter) if names else [] for line in lines]
        labels = None
        if at is not None:
            kind = self.asked["label_type"]
            labels = [read_label(row[at], kind) for row in texts]
            texts = [row[:at] + row[at + 1 :] for row in texts]
        for row in texts:
            if len(row) != len(self.header):
                raise ValueError(
                    f"features shape {len(row)} not equal to header shape {len(self.header)}"
                )
        texts = self._imputed(texts)
        missing = None if self.filled is None else set(self.filled.unwanted)
        exclusive = {
            i: kind
            for i, name in enumerate(self.header)
            if (kind := (self.asked.get("exclusive_data_type") or {}).get(name))
        }
        sparse = self.asked["output_format"] == "sparse"
        data_type = self.asked["data_type"]
        rows = [
            numbers(row, data_type, sparse=sparse, missing=missing, exclusive=exclusive)
            for row in texts
        ]
        return rows, labels

    def _imputed(self, texts: list[list[str]]) -> list[list[str]]:
        asked, fitted = self.asked, self.fitted
        if asked["missing_fill"]:
            self.filled = (
                impute(texts, fitted["filled"], fitted["missing"])
                if fitted
                else fit_imputation(
                    texts,
                    asked["missing_fill_method"],
                    asked["default_value"],
                    asked["missing_impute"],
                )
            )
            texts = self.filled.rows
        if asked["outlier_replace"]:
            self.cleaned = (
                impute(texts, fitted["cleaned"], fitted["outliers"])
                if fitted
                else fit_imputation(
                    texts,
                    asked["outlier_replace_method"],
                    asked["outlier_replace_value"],
                    asked["outlier_impute"],
                )
            )
            texts = self.cleaned.rows
        return texts

    def _sparse(
        self, schema: Mapping[str, Any], lines: list[str]
    ) -> tuple[list[list[Any]], list[Any] | None]:
        delimiter, data_type = self.asked["delimitor"], self.asked["data_type"]
        width = len(self.fitted["header"]) if self.fitted else sparse_width(lines, delimiter)
        self.header = [str(i) for i in range(width)]
        read = [read_sparse(line, delimiter, data_type, width) for line in lines]
        labels = [read_label(label, self.asked["label_type"]) for label, _ in read]
        return [row for _, row in read], labels

    def _tags(
        self, schema: Mapping[str, Any], lines: list[str]
    ) -> tuple[list[list[Any]], list[Any] | None]:
        asked = self.asked
        text = TagText(
            asked["delimitor"],
            asked["tag_value_delimitor"] if asked["tag_with_value"] else None,
            labelled=asked["with_label"],
        )
        self.header = list(self.fitted["header"]) if self.fitted else text.tags(lines)
        at = {tag: i for i, tag in enumerate(self.header)}
        labels = None
        if asked["with_label"]:
            labels = [read_label(text.label(line) or "", asked["label_type"]) for line in lines]
            self.label_name = "label"
        data_type = asked["data_type"]
        if asked["tag_with_value"] and asked["missing_fill"]:
            filled = self._imputed([text.texts(line, at) for line in lines])
            return [numbers(row, data_type, sparse=False) for row in filled], labels
        return [text.features(line, at, data_type) for line in lines], labels

    def summary(self) -> dict[str, Any]:
        """What was filled in and replaced; empty when nothing was asked for."""
        summary: dict[str, Any] = {}
        if self.filled:
            summary["missing_fill_info"] = {
                "missing_value": self.filled.unwanted,
                "missing_impute_value": self._by_name(self.filled.values),
                "missing_impute_rate": self._by_name(self.filled.rates),
            }
        if self.cleaned:
            summary["outlier_replace_rate"] = {
                "outlier_value": self.cleaned.unwanted,
                "outlier_replace_value": self._by_name(self.cleaned.values),
                "outlier_replace_rate": self._by_name(self.cleaned.rates),
            }
        return summary

    def _by_name(self, values: list[Any]) -> dict[str, Any]:
        return dict(zip(self.header, values, strict=True))

    def model(self) -> Model:
        """What a later transformation of another table needs, and what a user sees of it."""
        prefix = "DataTransform" if self.lower else ""
        base = "DataTransform" if self.lower else "DataIO"
        asked, filled, cleaned = self.asked, self.filled, self.cleaned
        tagged = asked["input_format"] == "tag"
        meta = message(
            f"{base}Meta",
            inputFormat=asked["input_format"],
            delimitor=asked["delimitor"],
            dataType=asked["data_type"],
            tagWithValue=tagged and asked["tag_with_value"],
            tagValueDelimitor=asked["tag_value_delimitor"] if tagged else ":",
            withLabel=asked["with_label"] and asked["input_format"] != "sparse",
            labelName=self.label_name,
            labelType=asked["label_type"],
            outputFormat=asked["output_format"],
            needRun=True,
            exclusiveDataType=asked.get("exclusive_data_type"),
            imputerMeta=message(
                f"{prefix}ImputerMeta",
                isImputer=filled is not None,
                strategy=(asked["missing_fill_method"] or "") if filled else "",
                missingValue=filled.unwanted if filled else [],
            ),
            outlierMeta=message(
                f"{prefix}OutlierMeta",
                isOutlier=cleaned is not None,
                strategy=(asked["outlier_replace_method"] or "") if cleaned else "",
                outlierValue=cleaned.unwanted if cleaned else [],
            ),
        )
        param = message(
            f"{base}Param",
            header=self.header,
            sidName=self.sid_name,
            labelName=self.label_name,
            imputerParam=message(
                f"{prefix}ImputerParam",
                missingReplaceValue=self._by_name([str(v) for v in filled.values])
                if filled
                else {},
                missingValueRatio=self._by_name(list(filled.rates)) if filled else {},
            ),
            outlierParam=message(
                f"{prefix}OutlierParam",
                outlierReplaceValue=self._by_name([str(v) for v in cleaned.values])
                if cleaned
                else {},
                outlierValueRatio=self._by_name(list(cleaned.rates)) if cleaned else {},
            ),
        )
        state: dict[str, Any] = {"asked": dict(asked), "header": self.header}
        if filled:
            state |= {"filled": filled.values, "missing": filled.unwanted}
        if cleaned:
            state |= {"cleaned": cleaned.values, "outliers": cleaned.unwanted}
        return saved_model(self.module, meta, param, state)


def transform_text(run: ComponentRun) -> dict[Party, PartyResult]:
    """Read the lines of each party, by its parameter or by the model it is given."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        table = first_table(run, party, *_DATA)
        if table is None:
            raise ComponentFailed("input data is None", party)
        fitted = run.models.get(party)
        reading = _Reading(run.module, parameter(run, party), fitted.state if fitted else None)
        try:
            data = reading.read(table)
        except (LookupError, TypeError, ValueError) as problem:
            raise ComponentFailed(str(problem), party) from problem
        model = reading.model()
        if fitted:
            model = replace(model, state=fitted.state)
        results[party] = PartyResult(
            tables=[data.table()],
            summary=None if fitted else reading.summary() or None,
            model=model,
        )
    return results
