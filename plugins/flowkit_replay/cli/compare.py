"""``flowkit cassette diff`` and ``verify``: answers held against each other, and against a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowkit import ArgumentError, FlowClient, ManualClock
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interactions import Interaction
from flowkit_replay.cli.output import FILE, as_json, print_rows, report_errors
from flowkit_replay.drift import TIERS, compare
from flowkit_replay.matching.identifiers import Identifiers
from flowkit_replay.matching.matchers import RequestMatcher
from flowkit_replay.matching.requests import ComparedRequest
from flowkit_replay.secrets.scrubbing import Scrubber
from flowkit_replay.verify import is_expected, load_bundled, play

__all__ = ["diff", "verify"]


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--tier", type=click.Choice(TIERS), default="value", help="Mildest tier to report.")
@as_json
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, tier: str, as_json: bool) -> None:
    """Compare the answers of two cassettes; exit code 1 when they differ."""
    with report_errors():
        one, other = files.read(old), files.read(new)
    matcher, known, scrubber = RequestMatcher(), Identifiers(), Scrubber()
    waiting: dict[Any, list[Interaction]] = {}
    for late in other:
        waiting.setdefault(
            matcher.get_key(ComparedRequest.from_recorded(late, scrubber)), []
        ).append(late)
    rows = []
    for number, early in enumerate(one, 1):
        same = waiting.get(matcher.get_key(ComparedRequest.from_recorded(early, scrubber)))
        if not same:
            rows.append(
                {
                    "number": number,
                    "tier": "unrecorded",
                    "path": early.path,
                    "detail": f"not in {new}",
                }
            )
            continue
        rows += [
            {"number": number, "tier": drift.tier, "path": early.path, "detail": drift.detail}
            for drift in compare(early, same.pop(0), known)
            if TIERS.index(drift.tier) <= TIERS.index(tier)
        ]
    print_rows(rows, as_json)
    context.exit(1 if rows else 0)


@click.command()
@click.argument("paths", nargs=-1, type=FILE)
@click.option(
    "--bundled", "all_bundled", is_flag=True, help="Verify the bundled cassettes, all of them."
)
@click.option(
    "--against", default="mock", metavar="URL|mock", help="A live server, or the bundled mock."
)
@click.option("--tier", type=click.Choice(TIERS), default="shape", help="Mildest tier that counts.")
@as_json
@click.pass_context
def verify(
    context: click.Context,
    paths: tuple[Path, ...],
    all_bundled: bool,
    against: str,
    tier: str,
    as_json: bool,
) -> None:
    """Send everything recorded to a server and report where its answers have drifted.

    Exit code 1 when something of the given tier, or worse, was found. The bundled cassettes are
    played as the one session that they are; it needs a server that was never used before.
    """
    if bool(paths) == all_bundled:
        raise click.UsageError("name cassettes to verify, or else give --bundled")
    worst = TIERS.index(tier)
    rows: list[dict[str, Any]] = []
    compared = 0
    with report_errors(), _open_server(against) as client:
        script = load_bundled() if all_bundled else _read_all(paths)
        answers = play([one for _, one in script], client)
        for (name, _), (one, drifts) in zip(_drop_failures(script), answers, strict=True):
            compared += 1
            rows += [
                {"cassette": name, "tier": found.tier, "path": one.path, "detail": found.detail}
                for found in drifts
                if TIERS.index(found.tier) <= worst
                and not (all_bundled and is_expected(name, found))
            ]
    print_rows(rows, as_json)
    click.echo(f"{compared} interactions compared, {len(rows)} drifted", err=True)
    context.exit(1 if rows else 0)


def _read_all(paths: tuple[Path, ...]) -> list[tuple[str, Interaction]]:
    return [(path.name, one) for path in paths for one in files.read(path)]


def _drop_failures(script: list[tuple[str, Interaction]]) -> list[tuple[str, Interaction]]:
    """Leave out the failures that were recorded: no server is to repeat them."""
    return [(name, one) for name, one in script if not one.failed]


@contextmanager
def _open_server(against: str) -> Iterator[FlowClient]:
    if against != "mock":
        with FlowClient(against) as client:
            yield client
        return
    from importlib.metadata import entry_points

    points = list(entry_points(group="flowkit.mock"))
    if not points:
        raise ArgumentError("no mock server is installed; pip install 'fate-flowkit[mock]'")
    # Tasks take some time, or none could be met while it runs; but nobody waits for it.
    with points[0].load()(pace=0.3, clock=ManualClock()) as mock, mock.client() as client:
        yield client
