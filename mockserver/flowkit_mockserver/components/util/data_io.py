"""DataIO and DataTransform: lines of text become labelled, typed instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from flowkit_mockserver.columns.blocks import blocks_of
from flowkit_mockserver.columns.ids import as_ids, order_positions
from flowkit_mockserver.columns.parts import Matrix, values_array
from flowkit_mockserver.columns.text import TextRows
from flowkit_mockserver.components.core.anonymous import first_names
from flowkit_mockserver.components.core.guards import check_names, check_rows
from flowkit_mockserver.components.core.instance import Array, Instances
from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import first_table, parameter
from flowkit_mockserver.components.feature.imputer import (
    LATER_MISSING_TEXTS,
    MISSING_TEXTS,
    Imputed,
    Replacement,
    impute,
)
from flowkit_mockserver.components.util.dense_reader import DenseLines
from flowkit_mockserver.components.util.feature_readers import (
    NOTHING,
    TagText,
    dense_values,
    read_labels,
    read_sparse,
    sparse_width,
)
from flowkit_mockserver.components.util.reader_model import (
    fitted_parameters,
    reader_model,
    tell_names,
)
from flowkit_mockserver.dialects.behaviour import Behaviour
from flowkit_mockserver.party import Party

__all__ = ["transform_text"]

_DATA = ("data", "train_data", "test_data", "validate_data", "eval_data")


class _Reading:
    """One table being read, either to find out the header and fillings or with those of a fitted model."""

    def __init__(
        self,
        module: str,
        asked: Mapping[str, Any],
        model: Model | None,
        behaviour: Behaviour,
        party: Party,
    ):
        self.module, self.behaviour, self.party = module, behaviour, party
        # A fitted reader brings the parameters it was fitted with, as far as its buffers hold them.
        self.asked: Mapping[str, Any] = asked if model is None else fitted_parameters(model)
        self.fitted = model is not None
        self.lower = module == "DataTransform"
        self.filled: Imputed | None = None
        self.cleaned: Imputed | None = None
        self.label_name: str = self.asked["label_name"] or ""
        if not self.fitted:
            if self.forgets_label:
                self.label_name = ""
            elif self.lower and self.asked["input_format"] == "dense":
                self.label_name = self.label_name.lower()
        self.sid_name, self.match_id_name = "sid", ""
        self.header: list[str] = list(self.asked["header"]) if model is not None else []

    @property
    def forgets_label(self) -> bool:
        """Whether it leaves the name of the label out, as the data have none; the readers of DataIO differ in it."""
        formats = ("dense",) if self.lower else ("dense", "tag")
        return (
            self.behaviour.forgets_labels
            and not self.asked["with_label"]
            and self.asked["input_format"] in formats
        )

    def read(self, table: TableData) -> Instances:
        check_rows(table.records)
        known = self.header
        match_ids = None
        if self.asked.get("with_match_id"):
            table, match_ids = self._apart(table)
        reader = {"dense": self._dense, "sparse": self._sparse, "tag": self._tags}
        ids, matrix, labels = reader[self.asked["input_format"]](table)
        shown = self.label_name
        if self.behaviour.keeps_names and self.asked["input_format"] == "sparse":
            shown = "label"
        extra: dict[str, Any] = {"sid_name": self.sid_name, "label_name": shown}
        if match_ids is not None:
            extra["match_id_name"] = self.match_id_name
        if self.behaviour.weighs_samples:
            extra["weight_first"] = True
        if self.behaviour.keeps_names:
            extra |= first_names(self.header, self.party)
        if self.asked["output_format"] == "sparse":
            extra["sparse"] = True
        data = Instances(
            ids,
            matrix.data,
            labels,
            None,
            self.header,
            extra,
            table.partitions,
            matrix.forms,
            match_ids,
        )
        if self.fitted:
            data = data.aligned(known)
            self.header = data.header
        order = order_positions(ids)
        return data if order is None else data.take(order)

    def _apart(self, table: TableData) -> tuple[TableData, Array]:
        """Return a table without its match ids, and these.

        Raises:
            ValueError: it has no names, or no such column.
        """
        names = str(table.schema.get("header") or "").split(",")
        wanted = self.asked.get("match_id_name") or ""
        if wanted and wanted not in names and not self.behaviour.keeps_names:
            raise ValueError(f"Can not find {wanted} in {names}")
        index = self.asked.get("match_id_index", 0)
        # Of a table without meta data the later lines leave out the first column, whichever they read.
        place = 0 if self.behaviour.keeps_names else names.index(wanted) if wanted else index
        source = index if self.behaviour.keeps_names else place
        self.match_id_name = names.pop(place)
        rows, kept, found = _all_text(table), [], []
        for line in rows.lines:
            fields = line.split(self.asked["delimitor"])
            found.append(fields[source])
            del fields[place]
            kept.append(self.asked["delimitor"].join(fields))
        schema = {**table.schema, "header": ",".join(names)}
        return replace(table, schema=schema, records=TextRows(rows.keys, kept)), values_array(found)

    def _check_names(self) -> None:
        check_names(
            {"header": self.header, "sid_name": self.sid_name, "label_name": self.label_name}
        )

    def _dense(self, table: TableData) -> tuple[Array, Matrix, Array | None]:
        asked = self.asked
        place = self._read_header(table.schema)
        if place is not None:
            self._check_first_line(table, place)
        self._check_names()
        exclusive = asked.get("exclusive_data_type") or {}
        how = DenseLines(
            asked["delimitor"],
            place,
            len(self.header),
            asked["data_type"],
            asked["output_format"] == "sparse",
            _missing(asked),
            {i: exclusive[name] for i, name in enumerate(self.header) if name in exclusive},
            self._filling(),
            self._cleaning(),
            table.partitions,
            self.behaviour.keeps_names,
        )
        read = how.read(map(_as_text, blocks_of(table.records)), len(table.records))
        self.filled, self.cleaned = read.filled, read.cleaned
        labels = None if place is None else read_labels(read.labels, asked["label_type"])
        return read.ids, read.matrix, labels

    def _read_header(self, schema: Mapping[str, Any]) -> int | None:
        """Set the names of features and ids; return the place of the label among the fields."""
        if self.behaviour.keeps_names and isinstance(schema.get("header"), list):
            raise AttributeError("'list' object has no attribute 'strip'")
        for name in ("header", "sid"):
            if schema.get(name) is None:
                raise KeyError(name)
        header, sid = schema["header"], schema["sid"]
        if self.lower:
            header, sid = header.lower(), sid.lower()
        if not header and not sid:
            raise ValueError("dense input-format should have header schema")
        self.sid_name = sid
        names = header.split(self.asked["delimitor"]) if header else []
        place: int | None = None
        if self.asked["with_label"]:
            if self.label_name in names:
                place = names.index(self.label_name)
            elif not names and not self.fitted:
                raise ValueError(
                    "dense input-format for fit stage should not be None if with_label is true"
                )
            elif not self.fitted:
                if self.behaviour.keeps_names:
                    raise ValueError(f"KeyError: {self.label_name!r}")
                raise ValueError(f"'{self.label_name}' is not in list")
        self.header = [name for i, name in enumerate(names) if i != place]
        return place

    @staticmethod
    def _check_first_line(table: TableData, place: int) -> None:
        # FATE looks at the number of characters of some line, not of fields.
        line = str(next(iter(table.records))[1])
        if place >= len(line):
            raise ValueError("input data's value is empty, it does not contain a label")

    def _filling(self) -> Replacement | None:
        asked = self.asked
        if not asked["missing_fill"]:
            return None
        unwanted = self._unwanted(asked["missing_impute"])
        return self._replacement(unwanted, asked["missing_fill_method"], asked["default_value"])

    def _cleaning(self) -> Replacement | None:
        asked = self.asked
        if not asked["outlier_replace"]:
            return None
        unwanted = self._unwanted(asked["outlier_impute"])
        value = asked["outlier_replace_value"]
        return self._replacement(unwanted, asked["outlier_replace_method"], value)

    def _unwanted(self, given: Any) -> Any:
        if given is not None:
            return given
        return LATER_MISSING_TEXTS if self.behaviour.exact_fillings else MISSING_TEXTS

    def _replacement(self, unwanted: Any, method: Any, value: Any) -> Replacement:
        return Replacement(
            unwanted,
            _method(method),
            value,
            value if self.fitted else None,
            exact=self.behaviour.exact_fillings,
        )

    def _sparse(self, table: TableData) -> tuple[Array, Matrix, Array | None]:
        delimiter, data_type = self.asked["delimitor"], self.asked["data_type"]
        rows = _all_text(table)
        if not rows.lines[0]:
            raise ValueError("input data's value is empty, it does not contain a label")
        lines, labelled, prefix = rows.lines, True, ""
        if self.behaviour.keeps_names:
            prefix, labelled = "x", self.asked["with_label"]
            if not labelled:
                lines = [delimiter + line for line in lines]
        width = len(self.header) if self.fitted else sparse_width(lines, delimiter)
        self.header = [f"{prefix}{i}" for i in range(width)]
        self._check_names()
        labels, matrix = read_sparse(lines, delimiter, data_type, width)
        if self.behaviour.keeps_names and self.asked["output_format"] == "dense":
            matrix = Matrix(np.asarray(matrix.data, dtype=np.float64))
        read = read_labels(labels, self.asked["label_type"]) if labelled else None
        return as_ids(rows.keys), matrix, read

    def _tags(self, table: TableData) -> tuple[Array, Matrix, Array | None]:
        asked = self.asked
        text = TagText(
            asked["delimitor"],
            asked["tag_value_delimitor"] if asked["tag_with_value"] else None,
            labelled=asked["with_label"],
        )
        rows = _all_text(table)
        if not self.fitted:
            self.header = text.tags(rows.lines)
        at = {tag: i for i, tag in enumerate(self.header)}
        labels = None
        if asked["with_label"]:
            labels = read_labels(text.labels(rows.lines), asked["label_type"])
            self.label_name = "label"
        self._check_names()
        data_type = asked["data_type"]
        sparse = asked["output_format"] == "sparse"
        if asked["tag_with_value"] and asked["missing_fill"]:
            unwanted = self._unwanted(None)
            wish = self._replacement(unwanted, asked["missing_fill_method"], asked["default_value"])
            cells, self.filled = impute(text.texts(rows.lines, at), wish)
            matrix = dense_values(cells, data_type, (), {})
        else:
            matrix = text.features(rows.lines, at, data_type, sparse=sparse)
        return as_ids(rows.keys), matrix, labels

    def summary(self) -> dict[str, Any]:
        """What was filled in and replaced; empty when nothing was asked for."""
        summary: dict[str, Any] = {}
        if self.filled:
            summary["missing_fill_info"] = {
                "missing_value": list(self.filled.unwanted),
                "missing_impute_value": self._by_name(self.filled.values),
                "missing_impute_rate": self._by_name(self.filled.rates),
            }
        if self.cleaned:
            summary["outlier_replace_rate"] = {
                "outlier_value": list(self.cleaned.unwanted),
                "outlier_replace_value": self._by_name(self.cleaned.values),
                "outlier_replace_rate": self._by_name(self.cleaned.rates),
            }
        return summary

    def _by_name(self, values: list[Any]) -> dict[str, Any]:
        return dict(zip(self.header, values, strict=False))

    def model(self) -> Model:
        """What a later transformation of another table needs, and what a user sees of it."""
        model = reader_model(
            self.module,
            self.asked,
            {"header": self.header, "sidName": self.sid_name, "labelName": self.label_name},
            self.filled,
            self.cleaned,
        )
        if self.behaviour.keeps_names:
            tell_names(model, self.asked, self.party)
            if self.lower and not self.behaviour.drops_match_id_names:
                # There is a field for it, which nobody fills.
                model.meta["matchIdName"] = ""
        elif self.lower and self.behaviour.forgets_labels:
            matched = bool(self.asked.get("with_match_id"))
            if not self.asked["with_label"]:
                model.meta.update(labelName="", labelType="")
            model.meta.update(withMatchId=matched, matchIdName=self.match_id_name)
        elif self.forgets_label:
            model.meta.update(labelName="", labelType="")
        return model


def _method(name: Any) -> str | None:
    return name.lower() if isinstance(name, str) else None


def _missing(asked: Mapping[str, Any]) -> Any:
    """Return what reads as missing in the end, whether it was to be filled or not."""
    if asked["missing_impute"] is not None:
        return asked["missing_impute"]
    return MISSING_TEXTS if asked["missing_fill"] else NOTHING


def _as_text(block: Any) -> TextRows:
    if isinstance(block, TextRows):
        return block
    if not len(block):
        return TextRows([], [])
    raise ValueError("a table of text is needed")


def _all_text(table: TableData) -> TextRows:
    return TextRows.joined([_as_text(block) for block in blocks_of(table.records)])


def transform_text(run: ComponentRun) -> dict[Party, PartyResult]:
    """Read the lines of each party, by its parameter or by the model it is given."""
    results: dict[Party, PartyResult] = {}
    for party in run.parties:
        table = first_table(run, party, *_DATA)
        if table is None:
            raise ComponentFailed("input data is None", party)
        fitted = run.models.get(party)
        reading = _Reading(run.module, parameter(run, party), fitted, run.behaviour, party)
        try:
            data = reading.read(table)
        except (LookupError, TypeError, ValueError) as problem:
            raise ComponentFailed.by(problem, party) from problem
        model = reading.model()
        results[party] = PartyResult(
            tables=[data.table()],
            summary=None if fitted else reading.summary() or None,
            model=model,
        )
    return results
