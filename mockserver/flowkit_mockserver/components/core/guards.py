"""What FATE refuses before it computes, with its texts (``federatedml/util/abnormal_detection.py`` and relatives).

=======================  ============================================================================================
guard                    called by
=======================  ============================================================================================
`check_rows`             `check_table`; DataIO and DataTransform on the text table (all three input formats);
                         SecureInformationRetrieval (both sides)
`check_features`         `check_table`
`check_names`            `check_table`; DataIO and DataTransform on the schema they make; Union on every table of
                         instances that has rows and features
`check_table`            rows, features, names, in this order (``_abnormal_detection``): HeteroFeatureBinning and
                         HomoFeatureBinning (fit and transform), HeteroFeatureSelection (fit and transform),
                         OneHotEncoder (fit) and HomoOneHotEncoder, DataStatistics, HeteroKmeans (fit and predict; no
                         names), LocalBaseline (fit; no names), the boosting kinds (fit and predict; no names),
                         SBTFeatureTransformer (fit and transform), HeteroLR, HomoLR, HeteroLinR, HeteroPoisson (fit
                         and predict)
`check_overflow`         after `check_table`, on fit: HeteroLR and HomoLR, on their training and validation data
                         (``check_abnormal_values``); not HeteroLinR, HeteroPoisson
`check_no_empty_column`  PSI, on the table of expected values
`Instances.aligned`      every kind that applies a model to a table (``header_alignment``): DataIO, binning, selection,
                         linear models, boosting
=======================  ============================================================================================

A guard raises `ValueError` (`OverflowError` for values too large); `guarded` turns that into the failure of the party
whose table it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed, Records
from flowkit_mockserver.party import Party

__all__ = [
    "check_features",
    "check_names",
    "check_no_empty_column",
    "check_overflow",
    "check_rows",
    "check_table",
    "guarded",
]

#: The largest absolute value a logistic regression takes.
LARGEST_VALUE = 1e8


@contextmanager
def guarded(party: Party) -> Iterator[None]:
    """Let what a guard refuses fail the component on this party.

    Raises:
        ComponentFailed: a guard refused.
    """
    try:
        yield
    except (ValueError, OverflowError) as refused:
        raise ComponentFailed.by(refused, party) from refused


def check_rows(rows: Instances | Records) -> None:
    """Refuse a table without rows.

    Raises:
        ValueError: it has none.
    """
    if not len(rows):
        raise ValueError("Count of data_instance is 0")


def check_features(data: Instances) -> None:
    """Refuse a table without features.

    Raises:
        ValueError: it has none.
    """
    if not data.width:
        raise ValueError("Number of features of DTable is 0")


def check_names(schema: Mapping[str, Any]) -> None:
    """Refuse names with characters that cannot be printed, and repeated names of features.

    Args:
        schema: ``header`` (a list), ``sid_name``, ``label_name``, each of which may be absent.

    Raises:
        ValueError: a name is not printable, or comes twice.
    """
    header = schema.get("header")
    if header:
        for name in header:
            if not name.isprintable():
                raise ValueError(f"non-printable char found in header column {name}, please check.")
        if len(set(header)) != len(header):
            raise ValueError("data header contains repeated names, please check.")
    for key in ("sid_name", "label_name"):
        name = schema.get(key)
        if name is not None and not name.isprintable():
            raise ValueError(f"non-printable char found in {key} {name}, please check.")


def check_table(data: Instances, *, names: bool = True) -> None:
    """Refuse a table without rows, without features, or (`names`) with names that `check_names` refuses.

    Raises:
        ValueError: the table is one of these.
    """
    check_rows(data)
    check_features(data)
    if names:
        check_names(data.schema)


def check_overflow(data: Instances | None) -> None:
    """Refuse features too large for a logistic regression; None passes.

    A row with a missing value passes whatever else is in it, as it does in FATE, where the largest of a dense row
    is NaN then; the values of a sparse row are looked at one by one.

    Raises:
        OverflowError: an absolute value is above 1e8.
    """
    if data is None or not data.width:
        return
    largest = np.abs(data.numbers)
    found = largest > LARGEST_VALUE if data.sparse else largest.max(axis=1) > LARGEST_VALUE
    if found.any():
        raise OverflowError(
            "The value range of features is too large for GLM, please have a check for input data"
        )


def check_no_empty_column(data: Instances) -> None:
    """Refuse a table with a column in which every value is missing.

    Raises:
        ValueError: there is such a column, or the table is sparse.
    """
    if data.sparse:
        raise ValueError("sparse format empty column detection is not supported for now")
    empty = np.flatnonzero(np.isnan(data.numbers).all(axis=0)).tolist()
    if empty:
        names = [data.header[place] for place in empty]
        raise ValueError(f"column(s) {names} contain(s) no values")
