"""Which library makes data frames: pandas or polars, as they are installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from flowkit.errors import ArgumentError, shown

__all__ = ["LIBRARIES", "choose_library", "is_frame", "make_frame", "write_csv"]

LIBRARIES = ("pandas", "polars")


def choose_library(library: str | None = None) -> str:
    """Return the library to make a data frame with.

    Args:
        library: ``"pandas"`` or ``"polars"``; None is whichever is installed, pandas first.

    Raises:
        ArgumentError: there is no such library, or it is not installed.
    """
    if library is not None and library not in LIBRARIES:
        text = f"library must be 'pandas' or 'polars', not {shown(library)}"
        raise ArgumentError(text, argument="library", value=library)
    for name in LIBRARIES if library is None else (library,):
        if find_spec(name) is not None:
            return name
    wanted = library or "pandas or polars"
    raise ArgumentError(
        f"a data frame needs {wanted}, which is not installed: pip install 'fate-flowkit[frames]' "
        "brings pandas; flowkit.read_output_rows does without",
        argument="library",
        value=library,
    )


def make_frame(columns: Mapping[str, Sequence[Any]], library: str | None = None) -> Any:
    """Return a data frame of columns of one length.

    Raises:
        ArgumentError: see `choose_library`.
    """
    if choose_library(library) == "pandas":
        import pandas

        return pandas.DataFrame({name: list(values) for name, values in columns.items()})
    import polars

    return polars.DataFrame(
        {name: list(values) for name, values in columns.items()},
        strict=False,
        infer_schema_length=None,
    )


def is_frame(value: object) -> bool:
    """Return whether a value is a data frame of pandas or polars; neither is imported for that."""
    kind = type(value)
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] in LIBRARIES


def write_csv(frame: Any) -> bytes:
    """Return a data frame as CSV with a header, in UTF-8.

    An index of pandas is the first column where it has a name, and left out where it has none.
    """
    if type(frame).__module__.startswith("polars"):
        return str(frame.write_csv()).encode()
    indexed = any(name is not None for name in frame.index.names)
    return str(frame.to_csv(index=indexed, lineterminator="\n")).encode()
