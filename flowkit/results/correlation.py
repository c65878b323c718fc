"""Correlations of features, within a party and between two, and their variance inflation (HeteroPearson)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowkit.errors import ArgumentError
from flowkit.results.answers import Source, mappings_at, numbers, payload, texts

__all__ = ["CorrelationMatrix", "Correlations", "read_correlations"]


@dataclass(frozen=True, slots=True, repr=False)
class CorrelationMatrix:
    """Pearson's correlation coefficients, -1 to 1.

    Attributes:
        rows: shape (r,): features.
        columns: shape (c,): features; the same as `rows` within a party.
        values: shape (r, c).
        row_party: whose the features in the rows are: ``(guest,10000)``, as FATE writes it.
        column_party: whose those in the columns are.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    row_party: str
    column_party: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {len(self.rows)} by {len(self.columns)}>"


@dataclass(frozen=True, slots=True)
class Correlations:
    """What a party knows of its features and another's.

    Attributes:
        local: among its own features.
        across: of the guest's features (rows) and the host's (columns); None without one. The other
            party's features have the names that FATE gives them, ``host_9999_0``, from 1.7 on
            ``host_9999_x0``.
        inflation: variance inflation factor by own feature; empty when it was not asked for.
    """

    local: CorrelationMatrix
    across: CorrelationMatrix | None
    inflation: Mapping[str, float]


def read_correlations(model: Source | None) -> Correlations | None:
    """Return the correlations in an answer of ``component.output_model`` of HeteroPearson; None when it has none.

    FATE's metric ``CORRELATION_GRAPH`` of the same component is empty on all lines.

    Raises:
        ArgumentError: the answer has another form.
    """
    data = payload(model, "model")
    if "localCorr" not in data:
        return None
    names, party = texts(data.get("names"), "names"), str(data.get("party") or "")
    local = _matrix(numbers(data["localCorr"], "localCorr"), names, names, party, party)
    factors = numbers(data.get("localVif"), "localVif")
    inflation = dict(zip(names, factors, strict=True)) if len(factors) == len(names) else {}
    parties = texts(data.get("parties"), "parties")
    theirs = [
        texts(entry.get("names"), "allNames.names") for entry in mappings_at(data, "allNames")
    ]
    flat = numbers(data.get("corr"), "corr")
    across = None
    if flat and len(theirs) == len(parties) == len(("row", "column")):
        across = _matrix(flat, theirs[0], theirs[1], parties[0], parties[1])
    return Correlations(local, across, inflation)


def _matrix(
    flat: tuple[float, ...],
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    row_party: str,
    column_party: str,
) -> CorrelationMatrix:
    width = len(columns)
    if len(flat) != len(rows) * width:
        raise ArgumentError(
            f"{len(flat)} correlations are not those of {len(rows)} by {width} features; "
            "the answer is damaged",
            argument="model",
        )
    values = tuple(flat[i * width : (i + 1) * width] for i in range(len(rows)))
    return CorrelationMatrix(rows, columns, values, row_party, column_party)
