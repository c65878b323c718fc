"""Tables as FATE writes them: where a column begins and ends, and what its values are.

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
from flowkit.frames.literals import parse_literal

__all__ = ["table_columns", "table_rows"]

if TYPE_CHECKING:
    from tarfile import TarFile

FilePath = str | os.PathLike[str]

#: The columns that hold a value of several parts.
NESTED = ("predict_detail", "inter_cluster_dist")
#: What clusterings up to 1.6 put after their last named column: the set that a row belongs to.
UNNAMED = "type"
#: What stands unnamed before the distances of a cluster from the others.
RADIUS = "cluster_radius"
#: How FATE writes that there is nothing.
NOTHING = frozenset({"", "None"})
NOT_INTEGER = re.compile(r"[^0-9,-]|-(?![0-9])|[0-9]-")
#: What Python would take for a number although it is a code: 007, 1_0, and more digits than a number keeps.
CODE = re.compile(r"(?:^|,)-?0[0-9]|_|(?:^|,)-?[0-9]{19,}(?:,|$)")


def table_rows(path: FilePath, table: str | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table; see `flowkit.read_output_rows`."""
    with _open_table(Path(path), table) as found:
        for cells in _cells(found):
            yield {
                name: _single(cell, name, place)
                for place, (name, cell) in enumerate(zip(found.header, cells, strict=True))
            }


def table_columns(path: FilePath, table: str | None) -> dict[str, list[Any]]:
    """Return the columns of a table, each of one type; see `flowkit.read_output`."""
    with _open_table(Path(path), table) as found:
        rows = list(_cells(found))
        columns = zip(*rows, strict=True) if rows else ([] for _ in found.header)
        return {
            name: _column(list(cells), name, place)
            for place, (name, cells) in enumerate(zip(found.header, columns, strict=True))
        }


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
    if cell in NOTHING:
        return None
    return next(iter(_column([cell], name, place)))


def _column(cells: list[str], name: str, place: int) -> list[Any]:
    """Return the cells of a column, all of one type."""
    if name in NESTED:
        return [_nested(cell, name) for cell in cells]
    if place == 0:
        return list(cells)
    if "" not in cells and "None" not in cells:
        return _typed(cells)
    values = iter(_typed([cell for cell in cells if cell not in NOTHING]))
    return [None if cell in NOTHING else next(values) for cell in cells]


def _typed(cells: list[str]) -> list[Any]:
    """Return cells as int where all of them are, else as float where all are, else as they stand."""
    joined = ",".join(cells)  # one search of a long text is ten times as fast as many of short ones
    if CODE.search(joined):
        return cells
    if not NOT_INTEGER.search(joined):
        return list(map(int, cells))
    try:
        return list(map(float, cells))
    except ValueError:
        return cells


def _nested(cell: str, name: str) -> Any:
    try:
        return parse_literal(cell) if cell not in NOTHING else None
    except ValueError as error:
        raise ArgumentError(
            f"{name} cannot be read: {error}", argument="path", value=cell
        ) from error
