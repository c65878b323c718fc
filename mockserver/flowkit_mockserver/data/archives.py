"""The archive in which the output data of a component leaves the server."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterable
from typing import IO, Any

from flowkit_mockserver.data.tables import Table
from flowkit_mockserver.errors import Refusal

__all__ = ["output_archive", "quote", "uploaded_header"]

#: Little is gained by trying harder on numbers, and a large table would take seconds longer.
COMPRESSION = 3
BATCH_ROWS = 1024


def output_archive(
    tables: Iterable[tuple[str, Table]],
    *,
    head: bool = True,
    limit: int = -1,
    now: float = 0.0,
    sid: bool = False,
    quoted: bool = False,
    delimiter: str = ",",
    empty: bool = False,
) -> IO[bytes] | None:
    """Return a gzipped tar with ``NAME.csv`` and ``NAME.meta`` for each table that has rows.

    The first lines join values by commas without quoting, so that a value with commas in it takes
    several columns; the later ones name the first column as the upload did, and quote the details of a prediction.

    Args:
        tables: data name and table, in the order of the members.
        head: whether the first line of each file names its columns, where names are known.
        limit: how many rows of each table at most; -1 for all.
        now: the time that the members bear.
        sid: whether the first column is called as the upload called it.
        quoted: whether the details of a prediction stand in quotes.
        delimiter: what stands between the values of a row.
        empty: whether an archive without members is one.

    Returns:
        A temporary file at its beginning, which vanishes when it is closed; None when no table
        has a row, unless an `empty` archive will do.

    Raises:
        Refusal: a column has no name, which the real server fails on where it is to show the names.
    """
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    found = False
    try:
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=COMPRESSION) as tar:
            for name, table in tables:
                found |= _add_table(
                    tar,
                    name,
                    table,
                    head=head,
                    limit=limit,
                    now=now,
                    sid=sid,
                    quoted=quoted,
                    delimiter=delimiter,
                )
    except Refusal:
        archive.close()
        raise
    if not found and not empty:
        archive.close()
        return None
    archive.seek(0)
    return archive


def _add_table(
    tar: tarfile.TarFile,
    name: str,
    table: Table,
    *,
    head: bool,
    limit: int,
    now: float,
    sid: bool,
    quoted: bool,
    delimiter: str,
) -> bool:
    """Add the two members of a table; return whether it has rows, without which it has no members."""
    header = uploaded_header(table) if sid else table.header()
    shown = header if head else None
    with tempfile.TemporaryFile() as content:
        if not _write_csv(content, table, shown, limit, quoted=quoted, delimiter=delimiter):
            return False
        _add(tar, f"{name}.csv", content, now)
    meta = json.dumps({"header": header}, indent=4).encode()
    _add(tar, f"{name}.meta", io.BytesIO(meta), now)
    return True


def uploaded_header(table: Table) -> list[str | None]:
    """Return the names of the columns of a table, that of its key as the upload called it; none without names."""
    header, sid = table.header() or [], table.schema.get("sid")
    if table.kind == "text" and not table.schema.get("header"):
        return [sid] if sid else []
    return [sid, *header[1:]] if sid and len(header) > 1 else header


def _write_csv(
    content: IO[bytes],
    table: Table,
    header: list[Any] | None,
    limit: int,
    *,
    quoted: bool,
    delimiter: str,
) -> bool:
    """Write rows, below a line with the names of their columns; return whether there were any."""
    lines: list[str] = []
    written = False
    for cells in table.cells(limit if limit > 0 else None):
        if not written and header:
            lines.append(_header_line(header))
        written = True
        lines.append(delimiter.join(map(quote if quoted else str, cells)))
        if len(lines) >= BATCH_ROWS:
            content.write(("\n".join(lines) + "\n").encode())
            lines.clear()
    if lines:
        content.write(("\n".join(lines) + "\n").encode())
    return written


def _header_line(header: list[Any]) -> str:
    if None in header:
        place = header.index(None)
        raise Refusal(f"sequence item {place}: expected str instance, NoneType found")
    return ",".join(header)


def quote(value: Any) -> str:
    """Return a cell as a text; only the details of a prediction stand in quotes, and stay as they are in these."""
    return f'"{value}"' if isinstance(value, dict) else str(value)


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], now: float) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, io.SEEK_END)
    member.mtime = int(now)
    content.seek(0)
    tar.addfile(member, content)
