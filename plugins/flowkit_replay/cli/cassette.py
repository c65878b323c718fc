"""``flowkit cassette``, and with it ``flowkit record``: cassettes on the command line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from flowkit import CassetteError
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interactions import FAILURE, Interaction
from flowkit_replay.cassette.recording import recover
from flowkit_replay.cli.compare import diff, verify
from flowkit_replay.cli.output import FILE, as_json, print_rows, report_errors
from flowkit_replay.cli.record import record
from flowkit_replay.matching.matchers import RequestMatcher
from flowkit_replay.matching.requests import ComparedRequest
from flowkit_replay.secrets.scrubbing import RULES, Scrubber, scrub_interactions

__all__ = ["cassette", "record"]


@click.group()
def cassette() -> None:
    """Look at, compare, verify and clean recorded cassettes."""


cassette.add_command(diff)
cassette.add_command(verify)


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
    print_rows(rows, as_json)


@cassette.command("show")
@click.argument("path", type=FILE)
@click.option("--bodies", is_flag=True, help="Print request and response bodies too.")
@as_json
def show_cassette(path: Path, bodies: bool, as_json: bool) -> None:
    """Show the interactions of a cassette."""
    with report_errors():
        rows = [_make_row(n, one, bodies) for n, one in enumerate(files.read(path), 1)]
    print_rows(rows, as_json)


def _make_row(number: int, one: Interaction, bodies: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "number": number,
        "method": one.method,
        "path": one.path,
        "status": one.get_header(FAILURE) or one.status,
        "retcode": _parse_envelope(one).get("retcode", ""),
        "bytes": one.size,
    }
    if bodies:
        row["request"] = one.read_request().decode("utf-8", "backslashreplace")
        row["response"] = one.decode().decode("utf-8", "backslashreplace")
    return row


def _parse_envelope(one: Interaction) -> dict[str, Any]:
    try:
        value = json.loads(one.decode())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@cassette.command()
@click.argument("path", type=FILE)
@as_json
def stats(path: Path, as_json: bool) -> None:
    """Count a cassette's interactions by path, with their outcomes and sizes."""
    with report_errors():
        held = files.read(path)
    counts: dict[str, Counter[str]] = {}
    for one in held:
        row = counts.setdefault(one.path, Counter())
        row["interactions"] += 1
        row["failures"] += one.failed or _parse_envelope(one).get("retcode", 0) != 0
        row["bytes"] += len(one.read_request()) + one.size
    rows = [
        {
            "path": name,
            "interactions": row["interactions"],
            "failures": row["failures"],
            "bytes": row["bytes"],
        }
        for name, row in sorted(counts.items())
    ]
    print_rows(rows, as_json)


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
    with report_errors():
        for path in paths:
            scrubber = Scrubber(without, secret)
            if not check:
                recover(path)
            held = files.read(path)
            clean = scrub_interactions(held, scrubber)
            extra = scrubber.scrub_value(held.extra)
            if scrubber.report.total() and not check:
                files.write(path, clean, extra=extra)
            rows += [
                {"cassette": str(path), "rule": rule, "found": found}
                for rule, found in sorted(scrubber.report.items())
                if found
            ]
    print_rows(rows, as_json)
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
    with report_errors():
        recover(path)
        held = files.read(path)
        matcher, scrubber = RequestMatcher(), Scrubber()
        seen: set[Any] = set()
        kept = []
        for one in held:
            key = (
                matcher.get_key(ComparedRequest.from_recorded(one, scrubber)),
                one.status,
                one.decode(),
            )
            wanted = not keep or any(one.path.endswith(name) for name in keep)
            unwanted = any(one.path.endswith(name) for name in drop) or (repeats and key in seen)
            seen.add(key)
            if wanted and not unwanted:
                kept.append(one)
        if len(kept) < len(held):
            files.write(path, kept, extra=held.extra)
    print_rows([{"cassette": str(path), "before": len(held), "after": len(kept)}], as_json)
