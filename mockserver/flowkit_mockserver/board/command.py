"""The command ``flowkit board``."""

from __future__ import annotations

import re
import webbrowser
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.settings import ClientCommand
from flowkit.cli.settings import Settings as ClientSettings

if TYPE_CHECKING:
    from flowkit_mockserver.board.source import Source

__all__ = ["board"]

#: The ids that servers give jobs: the moment of the submit, to the microsecond, and a counter.
Asked = tuple[str, str, str, bytes]
JOB_ID = re.compile(rb"\b20\d{19,20}\b")


@click.command(cls=ClientCommand)
@click.option(
    "--cassette",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show the jobs of a recorded cassette in place of a server.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--listen",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    metavar="PORT",
    help="Port to listen at; 0 takes any free one.",
)
@click.option("--open/--no-open", "opened", default=True, help="Open the board in a browser.")
@click.pass_context
def board(ctx: click.Context, cassette: Path | None, host: str, listen: int, opened: bool) -> None:
    """Show the jobs of a server in the browser, read only, until interrupted.

    The server is given as for any other command (--url, FLOWKIT_URL, the configuration file). A mock has this board
    at /board/ itself.
    """
    settings = ctx.ensure_object(ClientSettings)
    source = _server_source(settings) if cassette is None else _cassette_source(settings, cassette)
    ctx.call_on_close(source.close)

    def ready(url: str) -> None:
        click.echo(f"Board of {source.name} at {url}/board/; stop it with Ctrl+C")
        if opened:
            webbrowser.open(f"{url}/board/")

    try:
        _serve(source, host, listen, ready)
    except OSError as error:
        raise click.ClickException(str(error)) from error


def _server_source(settings: ClientSettings) -> Source:
    from flowkit_mockserver.board.source import Source

    client = settings.client()
    return Source(lambda: client, "server", f"{client.address.origin}{client.address.base}")


def _cassette_source(settings: ClientSettings, path: Path) -> Source:
    """Return a source that plays from a cassette the last answer to each request: how things stood in the end.

    Its jobs are those that the cassette mentions.
    """
    from flowkit.hooks.loading import plugin_factory
    from flowkit_mockserver.board.source import Source

    asked: list[Asked] = []

    def collect(interaction: Any) -> Any:
        asked.append(_asked(interaction))
        return interaction

    def keep_last(interaction: Any) -> Any:
        return interaction if last[_asked(interaction)] == next(places) else None

    make = plugin_factory("replay")
    make(path, "none", before_playback=collect)
    last, places = {one: place for place, one in enumerate(asked)}, count()
    replay = make(path, "none", hold_last=True, before_playback=keep_last)
    settings.plugins = [*settings.plugins, replay]
    client = settings.client()
    found = {match.decode() for match in JOB_ID.findall(path.read_bytes())}
    return Source(lambda: client, "cassette", path.name, jobs=sorted(found, reverse=True))


def _asked(one: Any) -> Asked:
    """Return what a recorded interaction asked."""
    return one.method, one.path, one.query, one.read_request()


def _serve(source: Source, host: str, port: int, ready: Callable[[str], None]) -> None:
    from flowkit import SystemClock
    from flowkit_mockserver.board.application import create_board
    from flowkit_mockserver.http.access import refuse_head
    from flowkit_mockserver.serving.gateway import BodyLimits, Gateway
    from flowkit_mockserver.serving.listening import open_port
    from flowkit_mockserver.serving.serving import serve_gateway
    from flowkit_mockserver.settings import Settings

    settings, clock = Settings(allow_hosts=(host,)), SystemClock()
    app = create_board(source, settings, clock)
    with open_port(host, port) as listener, TemporaryDirectory(prefix="flowkit-board-") as spool:
        gateway = Gateway(
            app.wsgi_app,
            BodyLimits(settings.max_json_bytes, settings.max_json_bytes),
            Path(spool),
            refuse_head=lambda environ: refuse_head(settings, clock, environ),
        )
        serve_gateway(gateway, listener, ready)
