"""``flowkit record``: any program that uses flowkit or flow_sdk, run under recording."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from flowkit import CassetteError
from flowkit_replay.cassette import files
from flowkit_replay.cassette.interaction_list import InteractionList
from flowkit_replay.cassette.journal import open_journal
from flowkit_replay.cassette.recording import Recording, recover
from flowkit_replay.environment import CASSETTE, JOINING, MODE
from flowkit_replay.secrets.scrubbing import Scrubber

__all__ = ["record"]


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--url",
    help="The server that all clients are to talk to.  [default: each talks to its own]",
)
@click.option("--cassette", "path", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--mode",
    type=click.Choice(["once", "new_episodes", "all"]),
    default="once",
    show_default=True,
    help="What to do with a cassette that exists.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was recorded as JSON.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def record(
    context: click.Context,
    url: str | None,
    path: Path,
    mode: str,
    as_json: bool,
    command: tuple[str, ...],
) -> None:
    """Run a program that uses flowkit or flow_sdk, and record what the server answers.

    The program is not changed, and what follows its name is its own, options included. With --url
    its clients talk to that server whatever address it names, those of the processes that it
    starts as well. Without, each talks to the server that it names, and the cassette keeps the
    answers of one apart from those of another. Exit code is the program's.
    """
    try:
        code, count = _record(url, path.absolute(), mode, command)
    except CassetteError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"cassette": str(path), "recorded": count, "exit_code": code}))
    elif count is None:
        click.echo(
            f"{path} exists and was played, nothing was recorded; "
            "--mode new_episodes adds to it, --mode all makes it anew",
            err=True,
        )
    else:
        interactions = "interaction" if count == 1 else "interactions"
        click.echo(f"{count} {interactions} recorded in {path}", err=True)
    context.exit(code)


def _record(
    url: str | None, path: Path, mode: str, command: tuple[str, ...]
) -> tuple[int, int | None]:
    """Run the program, save what it recorded, and return its exit code and the number of calls."""
    before = os.environ.get("FLOWKIT_PLUGINS")
    environment = {
        **os.environ,
        "FLOWKIT_PLUGINS": f"{before},record" if before else "record",
        CASSETTE: str(path),
        JOINING: "1",
    }
    if url is not None:
        environment["FLOWKIT_REDIRECT"] = url
    held = path.exists() and path.stat().st_size > 0
    if mode == "once" and held:
        files.read(path)  # one that cannot be played is not to send the program to a live server
        environment.pop(JOINING)
        return _run(command, {**environment, MODE: "none"}), None
    if mode == "once" and open_journal(path).read_leftover():
        recover(path)  # of a recording that was cut short: it is gone on with
        held, mode = True, "new_episodes"
    kept = files.read(path, unfinished=False, cut=True) if held else InteractionList()
    if mode == "all":
        kept = InteractionList((), kept.extra)
    elif kept.cut:
        click.echo(f"{path} was cut off; {len(kept)} whole interactions are kept", err=True)
        files.write(path, kept)
    recording = Recording(path, anew=mode == "all")
    saved = False
    try:
        joined = "new_episodes" if len(kept) else "all"
        code = _run(command, {**environment, MODE: joined})
        count = recording.recorded
        scrubber = Scrubber()
        recording.save(
            map(scrubber.scrub_interaction, kept), extra=scrubber.scrub_value(kept.extra)
        )
        saved = True
    finally:
        recording.close(keep=not saved)
    return code, count


def _run(command: tuple[str, ...], environment: Mapping[str, str]) -> int:
    """Run a program to its end, whatever ends it, and return its exit code as a shell would."""
    first = [sys.executable, *command] if command[0].endswith(".py") else list(command)
    try:
        process = subprocess.Popen(first, env=dict(environment))
    except FileNotFoundError as error:
        raise click.ClickException(f"there is no program {first[0]!r}") from error
    except OSError as error:
        raise click.ClickException(f"{first[0]!r} cannot be run: {error.strerror}") from error
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue  # the program was interrupted too; what it recorded is saved when it ends
        return code if code >= 0 else 128 + abs(code)
