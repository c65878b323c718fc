"""Data frames: tables of the server in pandas or polars, and without either as plain rows."""

from flowkit.frames.output import read_output, read_output_rows

__all__ = ["read_output", "read_output_rows"]
