"""Which columns are binned, which by their distinct values, and which are transformed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowkit_mockserver.components.statistic.quantile import chosen_columns, chosen_places

__all__ = ["ColumnChoice"]


@dataclass(frozen=True)
class ColumnChoice:
    """The columns of one table, by name.

    Attributes:
        header: all columns.
        binned: those that are binned, as a model lists them. When everything is to be transformed, the categories
            are among them, at the end.
        categories: those with a bin for each distinct value.
        transformed: those that a transformation replaces.
    """

    header: list[str]
    binned: list[str]
    categories: list[str]
    transformed: list[str]

    @classmethod
    def of(
        cls,
        header: Sequence[str],
        asked: Mapping[str, Any],
        *,
        binned: Sequence[str] = (),
        transformed: Sequence[str] = (),
    ) -> ColumnChoice:
        """Return what the parameters of a binning ask for.

        Args:
            header: all columns.
            asked: the parameters.
            binned: columns that a loaded model brings along.
            transformed: the same for the columns to transform.

        Raises:
            ValueError: an index or a name is not in the header.
        """
        if asked["bin_indexes"] == -1:
            chosen = list(header)
        else:
            own = chosen_columns(header, asked["bin_indexes"], asked["bin_names"])
            chosen = list(dict.fromkeys([*binned, *own]))
        places = chosen_places(header, asked["category_indexes"], asked["category_names"])
        categories = [header[place] for place in places]
        chosen = [name for name in chosen if name not in set(categories)]
        transform = asked["transform_param"]
        if transform["transform_cols"] == -1:
            chosen += categories
            return cls(list(header), chosen, categories, list(chosen))
        if unknown := [name for name in transform["transform_names"] or [] if name not in header]:
            raise ValueError(f"Adding a col_name that is not exist in header: {unknown[0]}")
        if any(place < 0 for place in transform["transform_cols"] or []):
            raise ValueError("Adding a index that out of header's bound")
        own = chosen_columns(header, transform["transform_cols"], transform["transform_names"])
        return cls(list(header), chosen, categories, list(dict.fromkeys([*transformed, *own])))

    @property
    def fitted(self) -> list[str]:
        """All columns that get bins: the binned ones, then the categories."""
        return list(dict.fromkeys([*self.binned, *self.categories]))

    @property
    def transformed_places(self) -> list[int]:
        """The places of the columns to transform."""
        at = {name: place for place, name in enumerate(self.header)}
        return [at[name] for name in self.transformed]
