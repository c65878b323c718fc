"""The command ``flowkit mock``."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.options import ExecutorType, PaceType, ServiceCommand, web_address

__all__ = ["mock"]

log = logging.getLogger(__name__)
if TYPE_CHECKING:
    from flowkit_mockserver.serving.tls import Certificate
    from flowkit_mockserver.settings import Executor


def _differences(fate_version: str) -> Iterator[str]:
    """Yield a line about each kind whose results are not those of a version, below one that says so."""
    from flowkit_mockserver.dialects import dialect_of
    from flowkit_mockserver.kinds.lookup import all_kinds

    behaviour = dialect_of(fate_version).behaviour
    told = {kind.name: kind.difference_on(behaviour) for kind in all_kinds()}
    if any(told.values()):
        yield f"These components do not compute exactly what FATE {fate_version} does:"
        for name, difference in told.items():
            if difference:
                exactness, _, reason = difference.partition(": ")
                yield f"  {name} ({exactness}): {reason}"


@click.command(cls=ServiceCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9380,
    show_default=True,
    help="Port to listen at; 0 takes any free one.",
)
@click.option(
    "--pace",
    type=PaceType(),
    default="instant",
    show_default=True,
    help="How long a task takes: no time, that many seconds, or until POST /_flowkit/advance.",
)
@click.option(
    "--fate-version",
    default="1.6.1",
    show_default=True,
    help="The server to be: a line, 1.5 to 1.11, or a version of it such as 1.11.2.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory that keeps the state from one start to the next.",
)
@click.option(
    "--database",
    envvar="FLOWKIT_MOCK_DATABASE",
    metavar="URL",
    help="Database that keeps the state for any number of servers at a time: postgresql+psycopg://… or "
    "sqlite:///FILE. FLOWKIT_MOCK_DATABASE sets it where others cannot read a password.",
)
@click.option(
    "--storage",
    metavar="URL",
    help="Object storage or directory that all servers on the --database reach, for rows of tables and files: "
    "s3://BUCKET/FOLDER, file:///FOLDER or any other URL of fsspec. By default they are in the database.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer; more than one need a --database.",
)
@click.option(
    "--allow-path",
    "allow_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Directory below which requests may read and write files of this machine; repeatable.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seeds whatever is made up.")
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Rule file, TOML, YAML or JSON, by which requests fail, and components wait, take their time or fail.",
)
@click.option(
    "--require-auth",
    type=click.Choice(["hmac", "bearer", "basic"]),
    help="Demand credentials: FLOWKIT_APP_KEY and FLOWKIT_SECRET_KEY, FLOWKIT_TOKEN, or "
    "FLOWKIT_USER and FLOWKIT_PASSWORD of the environment.",
)
@click.option(
    "--auth-line",
    metavar="LINE",
    help="Refuse a signature as this line does: 1.7 and 1.8 by an HTTP status, 1.9 and 1.10 by retcode 109, "
    "1.11 also whatever comes as APP_KEY in place of APP-KEY. By default the line of --fate-version, or 1.9.",
)
@click.option(
    "--permissions",
    is_flag=True,
    help="Switch permission control on: the other parties of a job refuse what was not granted (1.7 and later).",
)
@click.option(
    "--site-party",
    metavar="PARTY_ID",
    help="Switch site authentication on, as this party: other servers have to sign what they ask, clients need not "
    "(1.9 and later).",
)
@click.option(
    "--own-party",
    metavar="PARTY_ID",
    help="Answer as the server of this party alone, one among others on the same --database that answer each for its "
    "own: rows, tables, models and permissions are those of this party. By default one server is that of all parties.",
)
@click.option(
    "--serving",
    type=click.Choice(["up", "down"]),
    default="down",
    show_default=True,
    help="Whether FATE-Serving answers where models are loaded and bound.",
)
@click.option(
    "--model-cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory in which models lie, for others to see, as in the real server's model_local_cache.",
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="Host name or address that requests may be for, beside this machine's and --host; * for all; repeatable.",
)
@click.option(
    "--keep-jobs",
    type=click.IntRange(min=0),
    help="How many ended jobs are kept; the oldest are forgotten with their outputs and models. All by default.",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="Open the control API to other machines that show this token, 16 characters or more; better set in the "
    "environment, as FLOWKIT_MOCK_CONTROL_TOKEN, than in sight of all.",
)
@click.option(
    "--engines",
    default="",
    metavar="NAMES",
    help="Engines of a cluster that the server plays as well, of eggroll, spark, linkis_spark: jobs of work mode 1 "
    "run then, with all their parties on this server.",
)
@click.option(
    "--board-url",
    metavar="URL",
    callback=web_address,
    help="Where browsers reach this server, for the board_url of jobs; by default where it listens.",
)
@click.option(
    "--seed-data",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Folder or file of what the server, and each namespace, starts with: CSV files, a seed document, a "
    "snapshot, a cassette; repeatable.",
)
@click.option(
    "--namespaces",
    type=click.IntRange(min=0),
    default=256,
    show_default=True,
    help="How many namespaces there can be at a time, worlds of their own that a header or a path names.",
)
@click.option(
    "--namespace-idle",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Close a namespace that nobody asked for so long. Never by default.",
)
@click.option(
    "--executor",
    type=ExecutorType(),
    default="processes",
    show_default=True,
    help="Where components compute that have many rows: in the thread that asks, in processes of this machine, "
    "or on a Dask cluster.",
)
@click.option(
    "--quirks",
    is_flag=True,
    help="Do as the real server does where that harms: answer pages of other sites, let jobs without "
    "components keep their cores.",
)
@click.option(
    "--tls-certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Speak TLS, with this certificate (PEM).",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The certificate's key (PEM), unless it is in the same file; FLOWKIT_MOCK_TLS_KEY_PASSWORD decrypts it.",
)
@click.option(
    "--drain",
    type=click.FloatRange(min=0, max=3600),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="On SIGTERM, go on for so long while /readyz says no.",
)
@click.option(
    "--stop-timeout",
    type=click.FloatRange(min=0, max=3600),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="Then wait for so long for requests that are under way.",
)
@click.option("--access-log", is_flag=True, help="Log every request.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Log lines of text or of JSON, on standard error.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Log from this level on.",
)
def mock(
    host: str,
    port: int,
    pace: float | str,
    fate_version: str,
    data: Path | None,
    database: str | None,
    storage: str | None,
    workers: int,
    allow_paths: tuple[Path, ...],
    seed: int,
    faults: Path | None,
    require_auth: Literal["hmac", "bearer", "basic"] | None,
    auth_line: str | None,
    permissions: bool,
    site_party: str | None,
    own_party: str | None,
    serving: Literal["up", "down"],
    model_cache: Path | None,
    allow_hosts: tuple[str, ...],
    keep_jobs: int | None,
    board_url: str | None,
    control_token: str | None,
    engines: str,
    seed_data: tuple[Path, ...],
    namespaces: int,
    namespace_idle: float | None,
    executor: Executor,
    quirks: bool,
    tls_certificate: Path | None,
    tls_key: Path | None,
    drain: float,
    stop_timeout: float,
    access_log: bool,
    log_format: Literal["text", "json"],
    log_level: str,
) -> None:
    """Run a mock FATE Flow server until interrupted.

    Every option can be set in the environment and, by the same name, in the table [mock] of the
    configuration file, flowkit.toml, as well.
    """
    from flowkit_mockserver.http.authentication import from_environment
    from flowkit_mockserver.serving.serving import Service, WorkerFailed, serve
    from flowkit_mockserver.settings import (
        Settings,
        check_token,
        parse_engines,
        parse_pace,
        parse_party,
    )
    from flowkit_mockserver.store import StateDamaged, StoreInUse, StoreUnreachable

    if workers > 1 and database is None:
        raise click.UsageError(
            f"--workers {workers} needs a --database that they share, such as sqlite:///flowkit-mock.sqlite3"
        )

    telling: list[threading.Thread] = []

    def ready(url: str) -> None:
        text = f"FATE Flow mock at {url} (FATE {fate_version}, pace {pace or 'instant'})"
        if log_format != "json":
            click.echo(f"{text}, its board at {url}/board/; stop it with Ctrl+C")
        # It takes a moment to find out what is not computed exactly; the server answers meanwhile.
        telling.append(threading.Thread(target=tell, args=(text, url)))
        telling[-1].start()

    def tell(text: str, url: str) -> None:
        try:
            lines = list(_differences(fate_version))
        except Refusal as problem:
            log.warning("%s", problem.retmsg)
            lines = []
        if log_format == "json":
            log.info(text, extra={"url": url, "inexact": lines[1:]})
        elif lines:
            with suppress(BrokenPipeError):  # whoever read the address may not want to know more
                click.echo("\n".join(lines))

    try:
        service = Service(
            tls=_certificate(tls_certificate, tls_key),
            access_log=access_log,
            drain=drain,
            stop_timeout=stop_timeout,
            log_format=log_format,
            log_level=log_level,
        )
        settings = Settings(
            pace=parse_pace(pace),
            fate_version=fate_version,
            seed=seed,
            data=data,
            database=database,
            storage=storage,
            allow_paths=allow_paths,
            fault_rules=faults,
            require_auth=from_environment(require_auth, auth_line) if require_auth else None,
            permissions=permissions,
            site_party=site_party,
            own_party=(own := parse_party(own_party)),
            serving=serving,
            model_cache=model_cache,
            allow_hosts=allow_hosts,
            keep_jobs=keep_jobs,
            control_token=check_token(control_token),
            engines=parse_engines(engines, own),
            seed_data=seed_data,
            own_url=board_url,
            namespaces=namespaces,
            namespace_idle=namespace_idle,
            executor=executor,
            quirks=quirks,
        )
        if workers > 1:
            from flowkit_mockserver.serving.processes import serve_workers  # few want several

            serve_workers(settings, workers, host, port, ready, service)
        else:
            serve(settings, host, port, ready, service)
    except (
        OSError,
        RuntimeError,
        StateDamaged,
        StoreInUse,
        StoreUnreachable,
        WorkerFailed,
        LookupError,
        ValueError,
    ) as error:
        raise click.ClickException(str(error)) from error
    finally:
        for thread in telling:
            thread.join()


def _certificate(certificate: Path | None, key: Path | None) -> Certificate | None:
    """Return what the server shows of itself; the key's password stands in the environment only."""
    if certificate is None:
        if key is not None:
            raise click.UsageError("--tls-key needs --tls-certificate")
        return None
    from flowkit_mockserver.serving.tls import Certificate

    return Certificate(certificate, key, os.environ.get("FLOWKIT_MOCK_TLS_KEY_PASSWORD"))
