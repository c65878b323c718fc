"""The output tables of a component, page by page.

The server shows the first rows of a table at once. Further ones are downloaded, with all before them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any

from flowkit import FlowClient, read_output_rows
from flowkit_mockserver.board.reading import Job, PartyKey

__all__ = ["MOST_ROWS", "ROWS_A_PAGE", "Rows", "read_rows"]

ROWS_A_PAGE = 25
#: Rows beyond these are for a download, not for a page.
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of an output table.

    Attributes:
        name: which of the component's outputs it is.
        header: its columns.
        rows: the rows of the page.
        first: number of the first of them, from 1.
        total: rows in all.
    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    first: int
    total: int

    @property
    def last(self) -> int:
        """The highest number of a row that a page shows."""
        return min(self.total, MOST_ROWS)


def read_rows(client: FlowClient, job: Job, party: PartyKey, name: str, first: int) -> list[Rows]:
    """Return one page of each output of a component.

    Args:
        client: the client that asks.
        job: the job.
        party: whose output is meant.
        name: the component.
        first: number of the first row, from 1.

    Raises:
        FlowError: the server cannot be asked.
    """
    reply = client.component.output_data_preview(job.job_id, party.role, party.party_id, name)
    meta = reply.meta or {}
    first = min(first, MOST_ROWS)
    found = []
    for place, table in enumerate(reply.data or []):
        header = [str(column) for column in _at(meta, "header", place, ())]
        total = int(_at(meta, "total", place, len(table)) or 0)
        title = str(_at(meta, "names", place, "data"))
        shown = table[first - 1 : first - 1 + ROWS_A_PAGE]
        if len(shown) < ROWS_A_PAGE and first - 1 + len(shown) < total:
            shown = _download(client, job, party, name, title, first)
        found.append(Rows(title, header, shown, first, total))
    return found


def _download(
    client: FlowClient, job: Job, party: PartyKey, name: str, table: str, first: int
) -> list[list[Any]]:
    """Return the rows of a page from the start of a table."""
    end = first - 1 + ROWS_A_PAGE
    with TemporaryDirectory(prefix="flowkit-board-") as folder:
        directory = client.component.output_data(
            job.job_id, party.role, party.party_id, name, folder, end
        )["directory"]
        rows = islice(read_output_rows(directory, table), first - 1, end)
        return [list(row.values()) for row in rows]


def _at(meta: Mapping[str, Any], name: str, place: int, default: Any) -> Any:
    values = meta.get(name)
    return values[place] if isinstance(values, list) and place < len(values) else default
