"""``flowkit cassette``, and with it ``flowkit record``: cassettes on the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowkit import ArgumentError, CassetteError, FlowClient, FlowError
from flowkit_replay import files
from flowkit_replay.asking import Asking
from flowkit_replay.drift import TIERS, compare
from flowkit_replay.identifiers import Identifiers
from flowkit_replay.interactions import FAILURE, Interaction
from flowkit_replay.matching import Canon
from flowkit_replay.playing import play
from flowkit_replay.recording_command import record
from flowkit_replay.scrubbing import RULES, Scrubber

__all__ = ["cassette", "record"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def told() -> Iterator[None]:
    """Turn flowkit's own errors into one sentence and exit code 1."""
    try:
        yield
    except FlowError as error:
        raise click.ClickException(str(error)) from error


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows as JSON or as aligned columns."""
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        return
    names = list(rows[0])
    cells = [[str(row.get(name, "")) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in [names, *cells]) for i in range(len(names))]
    for line in [names, *cells]:
        pairs = zip(line, widths, strict=True)
        click.echo("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())


@click.group()
def cassette() -> None:
    """Look at, compare, verify and clean recorded cassettes."""


@cassette.command("ls")
@click.argument("folder", default=".", type=click.Path(exists=True, path_type=Path))
@as_json
def list_cassettes(folder: Path, as_json: bool) -> None:
    """List the cassettes in a folder and below it."""
    rows = []
    paths = [folder] if folder.is_file() else sorted(folder.rglob("*.yaml"))
    for path in paths:
        try:
            held = files.read(path)
        except CassetteError:
            continue
        rows.append(
            {"cassette": str(path), "interactions": len(held), "bytes": path.stat().st_size}
        )
    show(rows, as_json)


@cassette.command("show")
@click.argument("path", type=FILE)
@click.option("--bodies", is_flag=True, help="Print request and response bodies too.")
@as_json
def show_cassette(path: Path, bodies: bool, as_json: bool) -> None:
    """Show the interactions of a cassette."""
    with told():
        rows = [_row(n, one, bodies) for n, one in enumerate(files.read(path), 1)]
    show(rows, as_json)


def _row(number: int, one: Interaction, bodies: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "number": number,
        "method": one.method,
        "path": one.path,
        "status": one.header(FAILURE) or one.status,
        "retcode": _envelope(one).get("retcode", ""),
        "bytes": one.size,
    }
    if bodies:
        row["request"] = one.sent().decode("utf-8", "backslashreplace")
        row["response"] = one.decoded().decode("utf-8", "backslashreplace")
    return row


def _envelope(one: Interaction) -> dict[str, Any]:
    try:
        value = json.loads(one.decoded())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@cassette.command()
@click.argument("path", type=FILE)
@as_json
def stats(path: Path, as_json: bool) -> None:
    """Count a cassette's interactions by path, with their outcomes and sizes."""
    with told():
        held = files.read(path)
    counts: dict[str, Counter[str]] = {}
    for one in held:
        row = counts.setdefault(one.path, Counter())
        row["interactions"] += 1
        row["failures"] += bool(one.header(FAILURE)) or _envelope(one).get("retcode", 0) != 0
        row["bytes"] += len(one.sent()) + one.size
    rows = [
        {
            "path": name,
            "interactions": row["interactions"],
            "failures": row["failures"],
            "bytes": row["bytes"],
        }
        for name, row in sorted(counts.items())
    ]
    show(rows, as_json)


@cassette.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--tier", type=click.Choice(TIERS), default="value", help="Mildest tier to report.")
@as_json
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, tier: str, as_json: bool) -> None:
    """Compare the answers of two cassettes; exit code 1 when they differ."""
    with told():
        one, other = files.read(old), files.read(new)
    canon, known, scrubber = Canon(), Identifiers(), Scrubber()
    waiting: dict[Any, list[Interaction]] = {}
    for late in other:
        waiting.setdefault(canon.key(Asking.recorded(late, scrubber)), []).append(late)
    rows = []
    for number, early in enumerate(one, 1):
        same = waiting.get(canon.key(Asking.recorded(early, scrubber)))
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
    show(rows, as_json)
    context.exit(1 if rows else 0)


@cassette.command()
@click.argument("paths", nargs=-1, required=True, type=FILE)
@click.option(
    "--against", default="mock", metavar="URL|mock", help="A live server, or the bundled mock."
)
@click.option("--tier", type=click.Choice(TIERS), default="shape", help="Mildest tier that counts.")
@as_json
@click.pass_context
def verify(
    context: click.Context, paths: tuple[Path, ...], against: str, tier: str, as_json: bool
) -> None:
    """Send everything recorded to a server and report where its answers have drifted.

    Exit code 1 when something of the given tier, or worse, was found.
    """
    worst = TIERS.index(tier)
    known = Identifiers()
    rows: list[dict[str, Any]] = []
    compared = 0
    with told(), _server(against) as client:
        for path in paths:
            for one, drifts in play(files.read(path), client, identifiers=known):
                compared += 1
                rows += [
                    {
                        "cassette": path.name,
                        "tier": found.tier,
                        "path": one.path,
                        "detail": found.detail,
                    }
                    for found in drifts
                    if TIERS.index(found.tier) <= worst
                ]
    show(rows, as_json)
    click.echo(f"{compared} interactions compared, {len(rows)} drifted", err=True)
    context.exit(1 if rows else 0)


@contextmanager
def _server(against: str) -> Iterator[FlowClient]:
    if against != "mock":
        with FlowClient(against) as client:
            yield client
        return
    from importlib.metadata import entry_points

    points = list(entry_points(group="flowkit.mock"))
    if not points:
        raise ArgumentError("no mock server is installed; pip install 'fate-flowkit[mock]'")
    with points[0].load()() as mock, mock.client() as client:
        yield client


@cassette.command()
@click.argument("paths", nargs=-1, required=True, type=FILE)
@click.option("--without", multiple=True, type=click.Choice(list(RULES)), help="Leave a rule out.")
@click.option(
    "--secret", multiple=True, envvar="FLOWKIT_SECRETS", help="A value to remove; repeatable."
)
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 when a secret was found.")
@as_json
@click.pass_context
def scrub(
    context: click.Context,
    paths: tuple[Path, ...],
    without: tuple[str, ...],
    secret: tuple[str, ...],
    check: bool,
    as_json: bool,
) -> None:
    """Take secrets out of cassettes, or check that there are none."""
    rows = []
    with told():
        for path in paths:
            scrubber = Scrubber(without, secret)
            if not check:
                files.settle(path)
            clean = [scrubber.interaction(one) for one in files.read(path)]
            if scrubber.report.total() and not check:
                files.write(path, clean)
            rows += [
                {"cassette": str(path), "rule": rule, "found": found}
                for rule, found in sorted(scrubber.report.items())
                if found
            ]
    show(rows, as_json)
    context.exit(1 if check and rows else 0)


@cassette.command()
@click.argument("path", type=FILE)
@click.option("--keep", multiple=True, metavar="PATH", help="Keep only these paths; repeatable.")
@click.option("--drop", multiple=True, metavar="PATH", help="Drop these paths; repeatable.")
@click.option(
    "--repeats", is_flag=True, help="Of equal requests with equal answers keep the first."
)
@as_json
def prune(
    path: Path, keep: tuple[str, ...], drop: tuple[str, ...], repeats: bool, as_json: bool
) -> None:
    """Remove interactions from a cassette."""
    with told():
        files.settle(path)
        held = files.read(path)
        canon, scrubber = Canon(), Scrubber()
        seen: set[Any] = set()
        kept = []
        for one in held:
            key = (canon.key(Asking.recorded(one, scrubber)), one.status, one.decoded())
            wanted = not keep or any(one.path.endswith(name) for name in keep)
            unwanted = any(one.path.endswith(name) for name in drop) or (repeats and key in seen)
            seen.add(key)
            if wanted and not unwanted:
                kept.append(one)
        if len(kept) < len(held):
            files.write(path, kept)
    show([{"cassette": str(path), "before": len(held), "after": len(kept)}], as_json)
