"""Output data of components as they were downloaded, with the right columns.

FATE joins values by commas. Up to 1.6 nothing is quoted, although one column of predictions (``predict_detail``) and
one of clusterings (``inter_cluster_dist``) holds commas; later lines put quotes around the former, and leave quotes
within it as they are. So lines are read from both ends, and that column is what is left between.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit.errors import ArgumentError
from flowkit.frames.library import choose_library, make_frame
from flowkit.frames.literals import parse_literal

__all__ = ["read_output", "read_output_rows"]

if TYPE_CHECKING:
    from tarfile import TarFile

FilePath = str | os.PathLike[str]

#: The columns that hold a value of several parts.
NESTED = ("predict_detail", "inter_cluster_dist")
#: What clusterings up to 1.6 put after their last named column: the set that a row belongs to.
UNNAMED = "type"
#: What stands unnamed before the distances of a cluster from the others.
RADIUS = "cluster_radius"
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")


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
    with _open_table(Path(path), table) as found:
        for cells in _cells(found):
            yield {
                name: _single(cell, name, place)
                for place, (name, cell) in enumerate(zip(found.header, cells, strict=True))
            }


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
    chosen = choose_library(library)
    with _open_table(Path(path), table) as found:
        rows = list(_cells(found))
        columns = zip(*rows, strict=True) if rows else ([] for _ in found.header)
        return make_frame(
            {
                name: _column(list(cells), name, place)
                for place, (name, cells) in enumerate(zip(found.header, columns, strict=True))
            },
            chosen,
        )


@dataclass(slots=True)
class _Table:
    """A table that is being read: its name, its columns, and the lines below them."""

    name: str
    header: list[str]
    lines: Iterator[str]


@contextmanager
def _open_table(path: Path, name: str | None) -> Iterator[_Table]:
    """Yield a table of a folder, an archive or a file."""
    import tarfile  # slow to import

    try:
        if path.is_dir():
            files = {file.stem: file for file in sorted(path.glob("*.csv"))}
            file = files[_chosen(list(files), name, path)]
            meta = file.with_suffix(".meta")
            with file.open(encoding="utf-8", newline="\n") as stream:
                yield _table(file.stem, stream, meta.read_bytes() if meta.is_file() else None)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                yield from _archived(archive, name, path)
        else:
            meta = path.with_suffix(".meta")
            with path.open(encoding="utf-8", newline="\n") as stream:
                yield _table(path.stem, stream, meta.read_bytes() if meta.is_file() else None)
    except FileNotFoundError as error:
        text = f"path {str(path)!r} does not exist; give what component.output_data made"
        raise ArgumentError(text, argument="path", value=path) from error
    except (UnicodeDecodeError, tarfile.TarError, EOFError, OSError) as error:
        text = f"path {str(path)!r} cannot be read: {error}"
        raise ArgumentError(text, argument="path", value=path) from error


def _archived(archive: TarFile, name: str | None, path: Path) -> Iterator[_Table]:
    members = {member.name: member for member in archive if member.isfile()}
    tables = {Path(one).stem: one for one in members if one.endswith(".csv")}
    inner = tables[_chosen(list(tables), name, path)]
    content = archive.extractfile(members[inner])
    described = members.get(inner.removesuffix(".csv") + ".meta")
    meta = archive.extractfile(described) if described else None
    if content is not None:
        with TextIOWrapper(content, encoding="utf-8", newline="\n") as stream:
            yield _table(Path(inner).stem, stream, meta.read() if meta else None)


def _chosen(names: Sequence[str], name: str | None, path: Path) -> str:
    if name is None and len(names) == 1:
        return names[0]
    if name in names:
        return str(name)
    if not names:
        text = f"path {str(path)!r} holds no output data: there is no CSV file in it"
        raise ArgumentError(text, argument="path", value=path)
    there = ", ".join(map(repr, names))
    text = f"table {name!r} is not in" if name else "name a table of"
    raise ArgumentError(f"{text} {str(path)!r}; it has {there}", argument="table", value=name)


def _table(name: str, stream: Iterable[str], meta: bytes | None) -> _Table:
    """Return a table; its first line names the columns, unless it was downloaded without."""
    lines = (line.rstrip("\r\n") for line in stream)
    named = _header(name, meta)
    first = next(lines, None)
    if first is None:
        return _Table(name, named or [], iter(()))
    shown = first.split(",")
    if named is None or shown == named:
        return _Table(name, shown, lines)
    return _Table(name, named, _again(first, lines))


def _header(name: str, meta: bytes | None) -> list[str] | None:
    if meta is None:
        return None
    try:
        header = json.loads(meta)["header"]
    except (ValueError, KeyError, TypeError) as error:
        text = f"{name}.meta names no columns: {error}"
        raise ArgumentError(text, argument="path") from error
    if not isinstance(header, list):
        return None
    # FATE 1.6 writes the header of a table without one as a list of one empty text.
    return [str(column) for column in header] if any(header) else None


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _cells(table: _Table) -> Iterator[list[str]]:
    """Yield the cells of each row, as many as the table has columns, as the server wrote them."""
    header = table.header
    nested: int | None = None
    for number, line in enumerate(table.lines, 1):
        if not line:
            continue
        if number == 1:
            _complete(header, line)
            nested = next((header.index(name) for name in NESTED if name in header), None)
        cells = _split(line, nested, len(header))
        if number == 1 and len(cells) == len(header) + 1 and UNNAMED not in header:
            header.append(UNNAMED)
        if len(cells) != len(header):
            raise ArgumentError(
                f"row {number} of {table.name} has {len(cells)} values for {len(header)} columns: "
                f"{line[:60]!r}",
                argument="path",
            )
        yield cells


def _complete(header: list[str], line: str) -> None:
    """Add the column that FATE forgets to name among those of clusters, on all lines."""
    _, distances = NESTED
    if distances in header:
        place = header.index(distances)
        if line.partition("[")[0].count(",") == place + 1:
            header.insert(place, RADIUS)


def _split(line: str, nested: int | None, width: int) -> list[str]:
    if nested is None:
        return line.split(",")
    cells = line.split(",", nested)
    if len(cells) <= nested:
        return cells
    opening = cells[-1].lstrip('"')[:1]
    closing = {"{": "}", "[": "]"}.get(opening)
    end = -1 if closing is None else cells[-1].rfind(closing)
    if end < 0:
        return cells[:-1] + cells[-1].split(",", width - nested - 1)
    inner, rest = cells[-1][: end + 1].removeprefix('"'), cells[-1][end + 1 :].removeprefix('"')
    return [*cells[:-1], inner, *(rest[1:].split(",") if rest else ())]


def _single(cell: str, name: str, place: int) -> Any:
    """Return a cell by itself, as int, float, None or text."""
    if name in NESTED:
        return _nested(cell, name)
    if place == 0:
        return cell
    if cell in {"", "None"}:
        return None
    return next(iter(_column([cell], name, place)))


def _column(cells: list[str], name: str, place: int) -> list[Any]:
    """Return the cells of a column, all of one type."""
    if name in NESTED:
        return [_nested(cell, name) for cell in cells]
    if place == 0:
        return list(cells)
    empty = [cell in {"", "None"} for cell in cells]
    convert: type[int | float | str] = int
    for cell, none in zip(cells, empty, strict=True):
        if none or (convert is int and INTEGER.fullmatch(cell)):
            continue
        if not _is_float(cell):
            convert = str
            break
        convert = float
    return [None if none else convert(cell) for cell, none in zip(cells, empty, strict=True)]


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    # 007 is a code, and 1_0 and infinities spelt out are texts that Python takes for numbers.
    return re.match(r"-?(?:0[0-9]|.*_)", cell) is None


def _nested(cell: str, name: str) -> Any:
    try:
        return parse_literal(cell) if cell not in {"", "None"} else None
    except ValueError as error:
        raise ArgumentError(
            f"{name} cannot be read: {error}", argument="path", value=cell
        ) from error
