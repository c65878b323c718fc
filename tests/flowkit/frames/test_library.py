"""Which library makes a data frame, and what a frame is as CSV."""

from __future__ import annotations

from collections.abc import Callable

import pandas
import polars
import pytest

from flowkit import ArgumentError
from flowkit.frames import library


def only(*names: str) -> Callable[[str], object]:
    return lambda name: object() if name in names else None


@pytest.mark.parametrize(
    ("installed", "chosen"), [(("pandas", "polars"), "pandas"), (("polars",), "polars")]
)
def test_whichever_is_installed(
    installed: tuple[str, ...], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "find_spec", only(*installed))
    assert library.choose_library() == chosen


def test_without_one_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", only("pandas"))
    with pytest.raises(
        ArgumentError, match=r"needs polars, .* pip install 'fate-flowkit\[frames\]'"
    ):
        library.choose_library("polars")
    monkeypatch.setattr(library, "find_spec", only())
    with pytest.raises(ArgumentError, match="needs pandas or polars"):
        library.choose_library()


def test_another_library_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'pandas' or 'polars', not 'dask'"):
        library.choose_library("dask")


def test_a_frame_is_known_without_importing_its_library() -> None:
    assert library.is_frame(pandas.DataFrame())
    assert library.is_frame(polars.DataFrame())
    assert not library.is_frame({"x": [1]})


def test_an_index_with_a_name_goes_first() -> None:
    frame = pandas.DataFrame({"y": [1, 0], "x": [0.5, None]}, index=["a", "b"])
    assert library.write_csv(frame) == b"y,x\n1,0.5\n0,\n"
    assert library.write_csv(frame.rename_axis("id")) == b"id,y,x\na,1,0.5\nb,0,\n"
    assert library.write_csv(polars.DataFrame({"id": ["a"], "y": [1]})) == b"id,y\na,1\n"
