"""What can be plotted: data that were read, an answer of the server, or the name of a component to be asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flowkit.errors import ArgumentError, OperationError

if TYPE_CHECKING:
    from flowkit.client import FlowClient

__all__ = ["Source", "read_source"]

#: Data of one kind or several of them; a reply or its data; (client, job, component), or with role and party.
Source = Any

T = TypeVar("T")

NAMED, WITH_PARTY = 3, 5


def read_source(
    source: Source,
    kind: type[T],
    read: Callable[[Mapping[str, Any]], Sequence[T]],
    operation: str,
    what: str,
) -> list[T]:
    """Return the data to plot.

    Args:
        source: data of `kind`, or several of them; a reply of `operation` or its data; or (client, job, component),
            with role and party at the end if they are not to be found out.
        kind: what is plotted.
        read: reads it from an answer.
        operation: what is asked, of a component: ``metric_all`` or ``output_model``.
        what: what it is called in an error.

    Raises:
        ArgumentError: there is nothing of the kind in it, or it is something else.
        FlowError: the server was asked, and did not answer; see `flowkit.errors`.
    """
    if isinstance(source, kind):
        return [source]
    if isinstance(source, Mapping):
        return _some(read(source), what, "this answer")
    if isinstance(source, list | tuple) and source and all(isinstance(one, kind) for one in source):
        return list(source)
    if isinstance(source, tuple) and len(source) in {NAMED, WITH_PARTY}:
        client, job_id, component, *party = source
        if hasattr(client, "component"):
            where = f"component {component} of job {job_id}"
            answers = _ask(client, str(job_id), component, operation, party)
            found = next((data for answer in answers if (data := read(answer))), ())
            return _some(found, what, where)
    if isinstance(source, list | tuple) and not source:
        raise ArgumentError(f"there is no {what} to plot", argument="source")
    raise ArgumentError(
        f"source must be {kind.__name__}, a reply of component.{operation}, or (client, job_id, component): "
        f"got {type(source).__name__}",
        argument="source",
    )


def _ask(
    client: FlowClient, job_id: str, component: str, operation: str, party: Sequence[Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the answers of the parties of the server, the initiator's first; a refusal of one is passed over."""
    strict = client.with_options(on_error="raise")
    ask = getattr(strict.component, operation)
    if party:
        yield ask(job_id, *party, component)
        return
    rows = strict.job.query(job_id=job_id).rows
    if not rows:
        raise ArgumentError(f"the server knows no job {job_id}", argument="job_id", value=job_id)
    refused: OperationError | None = None
    answered = False
    for row in sorted(rows, key=lambda row: row.get("f_is_initiator") is not True):
        try:
            yield ask(job_id, row.role, row.party_id, component)
            answered = True
        except OperationError as error:
            refused = error
    if refused is not None and not answered:
        raise refused


def _some(found: Sequence[T], what: str, where: str) -> list[T]:
    if not found:
        raise ArgumentError(
            f"{where} has no {what}; another component, or another party, may have it",
            argument="source",
        )
    return list(found)
