"""What the two kinds of binning have in common: their rules."""

from __future__ import annotations

from flowkit_mockserver.kinds.rules import (
    Rules,
    boolean,
    decimal,
    positive_integer,
    string,
    typed,
    unit_interval,
    when,
)

__all__ = ["BINNING"]

_BINNING_ABOUT = "Binning param's"

BINNING: Rules = (
    string("method", _BINNING_ABOUT),
    lambda values: values.update(method=values["method"].lower()),
    positive_integer("compress_thres", _BINNING_ABOUT),
    positive_integer("head_size", _BINNING_ABOUT),
    decimal("error", _BINNING_ABOUT),
    positive_integer("bin_num", _BINNING_ABOUT),
    when(
        lambda values: values["bin_indexes"] != -1,
        typed("bin_indexes", _BINNING_ABOUT, "list", "RepeatedScalarContainer", "NoneType"),
    ),
    typed("bin_names", _BINNING_ABOUT, "list", "NoneType"),
    typed("category_indexes", _BINNING_ABOUT, "list", "NoneType"),
    typed("category_names", _BINNING_ABOUT, "list", "NoneType"),
    unit_interval("adjustment_factor", _BINNING_ABOUT),
    boolean("local_only", _BINNING_ABOUT),
)
