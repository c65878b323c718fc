"""Output data of components as they were downloaded: as data frames, or row by row.

What does the work is imported when there is something to read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

__all__ = ["read_output", "read_output_rows"]

FilePath = str | os.PathLike[str]


def read_output_rows(path: FilePath, table: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of downloaded output data, one at a time.

    Args:
        path: the folder that ``component.output_data`` made, the archive that the server sends
            (``.tar.gz``), or one CSV file of them.
        table: which one, where there are several: ``"train_data"``.

    Yields:
        A mapping by column. The first, the id, is a text as it stands; others are int, float, None
        or text, each value for itself; ``predict_detail`` is a dict by label.

    Raises:
        ArgumentError: there is no such file or table, or a row does not fit its columns.
    """
    from flowkit.frames.tables import table_rows

    return table_rows(path, table)


def read_output(path: FilePath, table: str | None = None, *, library: str | None = None) -> Any:
    """Return downloaded output data as a data frame.

    Args:
        path: the folder that ``component.output_data`` made, the archive that the server sends
            (``.tar.gz``), or one CSV file of them.
        table: which one, where there are several: ``"train_data"``.
        library: ``"pandas"`` or ``"polars"``; by default whichever is installed, pandas first.

    Returns:
        A data frame with the columns of the output, of one type each: the first, the id, is text;
        ``predict_detail`` holds dicts by label (a struct in polars).

    Raises:
        ArgumentError: there is no such file or table, a row does not fit its columns, or the
            library is not installed.
    """
    from flowkit.frames.library import choose_library, make_frame
    from flowkit.frames.tables import table_columns

    chosen = choose_library(library)
    return make_frame(table_columns(path, table), chosen)
