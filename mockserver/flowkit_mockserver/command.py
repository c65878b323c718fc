"""The command ``flowkit mock``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

__all__ = ["mock"]


if TYPE_CHECKING:
    from flowkit_mockserver.settings import Executor

    _Pace = click.ParamType[str | float]
    _Executor = click.ParamType[Executor]
else:
    _Pace = _Executor = click.ParamType  # generic from click 8.4 on only


class _PaceType(_Pace):
    """``instant``, ``manual`` or seconds."""

    name = "instant|SECONDS|manual"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | float:
        from flowkit_mockserver.settings import parse_pace

        try:
            return parse_pace(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _ExecutorType(_Executor):
    """What `parse_executor` takes."""

    name = "thread|processes[:N]|dask://HOST:PORT"

    def convert(
        self, value: str | Executor, param: click.Parameter | None, ctx: click.Context | None
    ) -> Executor:
        from flowkit_mockserver.settings import parse_executor

        if not isinstance(value, str):
            return value
        try:
            return parse_executor(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _differences() -> Iterator[str]:
    """Yield a line about each kind whose results are not FATE's, below one that says so."""
    from flowkit_mockserver.kinds.lookup import all_kinds

    found = [f"  {kind.name} is {kind.difference}" for kind in all_kinds() if kind.difference]
    if found:
        yield "These components do not compute exactly what FATE 1.6.1 does:"
        yield from found


@click.command()
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
    type=_PaceType(),
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
    help="Rule file, TOML or JSON, by which requests fail.",
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
    "--executor",
    type=_ExecutorType(),
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
def mock(
    host: str,
    port: int,
    pace: float | str,
    fate_version: str,
    data: Path | None,
    database: str | None,
    workers: int,
    allow_paths: tuple[Path, ...],
    seed: int,
    faults: Path | None,
    require_auth: Literal["hmac", "bearer", "basic"] | None,
    auth_line: str | None,
    permissions: bool,
    allow_hosts: tuple[str, ...],
    keep_jobs: int | None,
    executor: Executor,
    quirks: bool,
) -> None:
    """Run a mock FATE Flow server until interrupted."""
    from flowkit_mockserver.http.authentication import from_environment
    from flowkit_mockserver.serving.processes import WorkerFailed, serve_workers
    from flowkit_mockserver.serving.serving import serve
    from flowkit_mockserver.settings import Settings, parse_pace
    from flowkit_mockserver.store import StateDamaged, StoreInUse, StoreUnreachable

    if workers > 1 and database is None:
        raise click.UsageError(
            f"--workers {workers} needs a --database that they share, such as sqlite:///flowkit-mock.sqlite3"
        )

    def ready(url: str) -> None:
        click.echo(
            f"FATE Flow mock at {url} (FATE {fate_version}, pace {pace or 'instant'}); stop it with Ctrl+C"
        )
        for line in _differences():
            click.echo(line)

    try:
        settings = Settings(
            pace=parse_pace(pace),
            fate_version=fate_version,
            seed=seed,
            data=data,
            database=database,
            allow_paths=allow_paths,
            fault_rules=faults,
            require_auth=from_environment(require_auth, auth_line) if require_auth else None,
            permissions=permissions,
            allow_hosts=allow_hosts,
            keep_jobs=keep_jobs,
            executor=executor,
            quirks=quirks,
        )
        if workers > 1:
            serve_workers(settings, workers, host, port, ready)
        else:
            serve(settings, host, port, ready)
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
