"""The choices that are made when a mock server starts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flowkit_mockserver.dialects import DEFAULT, Dialect

__all__ = [
    "ENGINES",
    "Demand",
    "Executor",
    "Pace",
    "Scheme",
    "Serving",
    "Settings",
    "check_together",
    "check_token",
    "parse_engines",
    "parse_executor",
    "parse_pace",
    "parse_party",
    "parse_serving",
]

#: The computing engines of a cluster.
ENGINES = ("EGGROLL", "SPARK", "LINKIS_SPARK")

Pace = float | Literal["manual"]
Scheme = Literal["hmac", "bearer", "basic"]
Serving = Literal["up", "down"]
MEBIBYTE = 1024 * 1024
_SHORTEST_TOKEN = 16
_LONGEST_TASK = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Demand:
    """What a server demands.

    Attributes:
        scheme: ``"hmac"``, ``"bearer"`` or ``"basic"``.
        user: the app key, or the user name; of no meaning for a token.
        secret: the secret key, the token or the password.
        line: the line of servers that refuses as this one does; None for the server's own.
    """

    scheme: Scheme
    user: str
    secret: str
    line: str | None = None

    def __repr__(self) -> str:
        return f"<Demand {self.scheme}>"


@dataclass(frozen=True, slots=True)
class Executor:
    """Where components compute.

    Attributes:
        kind: ``"thread"`` for that of whoever asks, ``"processes"`` or ``"dask"``.
        count: how many processes; None for as many as this machine has processors.
        address: the scheduler of a Dask cluster, ``HOST:PORT``.
    """

    kind: Literal["thread", "processes", "dask"] = "thread"
    count: int | None = None
    address: str = ""

    def __str__(self) -> str:
        """Return it as `parse_executor` takes it."""
        if self.kind == "dask":
            return f"dask://{self.address}"
        return self.kind if self.count is None else f"{self.kind}:{self.count}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that stay the same for the life of a server.

    Attributes:
        pace: seconds a task takes; 0.0 ends a job at once; with ``"manual"`` time passes only on
            demand.
        seed: seeds whatever is made up, so that equal runs give equal numbers.
        data: directory that keeps the state from one start to the next; None forgets it.
        database: URL of a database that keeps the state for any number of servers at a time, such as
            ``postgresql+psycopg://user:password@host/name``; None for a state of this server's own.
        storage: URL of an object storage or a directory, such as ``s3://bucket/folder``, for the rows of tables and the
            files of a state in a database; None keeps them in the database.
        allow_paths: directories below which requests may read and write files of this machine.
        fate_version: the version that the server says it is.
        board_url: address of the FATEBoard that is configured, as ``info/fateboard`` tells it.
        own_url: where this server listens: `board_url` of a job leads there, to its own board. None when it does not
            listen; the links are FATEBoard's then.
        root: what stands before the paths in answers (`logs_directory`, `job_dsl_path` …); nothing
            is read or written there.
        run_ip: the address at which tasks are said to run.
        cores: the cores that waiting jobs queue for.
        executor: where components compute.
        require_auth: credentials that a request must show; None demands none, as FATE Flow 1.6.
        permissions: the switch of permission control is on; lines before 1.7 have none.
        site_party: the party id of this server, which switches site authentication on; None leaves it off. Lines
            before 1.9 have none.
        own_party: the party whose server this is, where each party has its own on one state; None for one server
            that is that of all parties.
        serving: ``"up"`` when FATE-Serving answers where models are loaded and bound; ``"down"`` when nobody does.
        model_cache: directory in which models lie as in the real server's ``model_local_cache``, for others to look
            into and remove from; namespaces have none. None writes no such folders.
        fault_rules: rule file of the plugin ``faults``, by which requests and components fail; None for no rules.
        allow_hosts: names and addresses of hosts that requests may be for, beside those of this machine; ``*``
            allows all, and ``0.0.0.0`` or ``::`` every address.
        quirks: whether to do as the real server does where that harms: forms of web pages are carried out, jobs
            without components keep their cores, models of other servers are not imported before 1.7, and nobody is
            granted anything before 1.6.
        keep_jobs: how many ended jobs are kept, with their outputs and models; the oldest ones are forgotten,
            but for models that were loaded. None keeps all.
        control_token: what requests to the control API must show that come from other machines; None refuses them all.
        engines: computing engines of a cluster that the server plays as well, such as ``EGGROLL``: jobs for a cluster
            (work mode 1) run then, and all parties of them are on this server. None as a standalone server.
        seed_data: folders and files of what the server, and each namespace, starts with.
        namespaces: how many namespaces there can be at a time; 0 for none.
        namespace_idle: seconds without a request after which a namespace is closed; what it holds is forgotten,
            unless there is a data directory. None keeps all.
        max_json_bytes: the largest JSON body that is read.
        max_control_bytes: the largest body of a request to the control API, such as a snapshot.
        max_upload_bytes: the largest multipart body that is taken in.
    """

    pace: Pace = 0.0
    seed: int = 0
    data: Path | None = None
    database: str | None = field(default=None, repr=False)
    storage: str | None = field(default=None, repr=False)
    allow_paths: tuple[Path, ...] = ()
    fate_version: str = DEFAULT
    board_url: str = "http://127.0.0.1:8080"
    own_url: str | None = None
    root: str = "/data/projects/fate"
    run_ip: str = "127.0.0.1"
    cores: int = 20
    executor: Executor = Executor()
    require_auth: Demand | None = None
    permissions: bool = False
    site_party: str | None = None
    own_party: str | None = None
    serving: Serving = "down"
    model_cache: Path | None = None
    fault_rules: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    quirks: bool = False
    keep_jobs: int | None = None
    control_token: str | None = field(default=None, repr=False)
    engines: tuple[str, ...] = ()
    seed_data: tuple[Path, ...] = ()
    namespaces: int = 256
    namespace_idle: float | None = None
    max_json_bytes: int = 4 * MEBIBYTE
    max_control_bytes: int = 256 * MEBIBYTE
    max_upload_bytes: int = 16 * 1024 * MEBIBYTE


def check_together(settings: Settings, dialect: Dialect) -> None:
    """Check that choices go together, and with the line of the server.

    Raises:
        ValueError: they do not.
    """
    if settings.data is not None and settings.database is not None:
        raise ValueError("a state is kept in a directory (data) or in a database, not in both")
    if settings.storage is not None and settings.database is None:
        raise ValueError(
            "a storage goes with a database, which says what is where in it: name one (--database URL, database=…),"
            " sqlite:///FILE for one machine; a single server keeps rows and files in a directory without either"
            " (--data DIR, data=…)"
        )
    if settings.model_cache is not None and settings.database is not None:
        raise ValueError("model_cache is of one server alone; servers share a database")
    if settings.model_cache is not None and settings.own_party is not None:
        raise ValueError("model_cache is of one server for all parties, and not with an own_party")
    if settings.own_party is not None and settings.site_party not in (None, settings.own_party):
        raise ValueError(
            f"a server that answers for party {settings.own_party} cannot sign as another: site_party"
            f" must be {settings.own_party}, got {settings.site_party}"
        )
    if settings.permissions and not dialect.own_project:
        raise ValueError(f"FATE {dialect.fate_version} has no permission control")


def parse_executor(text: str) -> Executor:
    """Return the executor that a text names: ``thread``, ``processes``, ``processes:2`` or ``dask://HOST:PORT``.

    Raises:
        ValueError: it names none.
    """
    if text == "thread":
        return Executor()
    name, _, rest = text.partition(":")
    if text == "processes" or (name == "processes" and rest.isascii() and rest.isdecimal()):
        count = int(rest) if rest else None
        if count != 0:
            return Executor("processes", count)
    host, separator, port = rest.removeprefix("//").rpartition(":")
    if text.startswith("dask://") and host and separator and port.isascii() and port.isdecimal():
        return Executor("dask", address=rest.removeprefix("//"))
    raise ValueError(
        f"executor must be 'thread', 'processes', 'processes:NUMBER' or 'dask://HOST:PORT', got {text!r}"
    )


def parse_party(value: str | int | None) -> str | None:
    """Return the id of a party as text; None for none.

    Raises:
        ValueError: `value` is no number above 0.
    """
    text = None if value is None else str(value)
    if text is not None and not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise ValueError(f"own_party must be the id of a party, such as 9999, got {value!r}")
    return text


def parse_engines(value: str | Iterable[str], own_party: str | None = None) -> tuple[str, ...]:
    """Return the engines that `value` names, in capitals, as the API has them.

    Args:
        value: names separated by commas, or several names.
        own_party: the party whose server it is for; it is one of a cluster, of EggRoll where no engine is named.

    Raises:
        ValueError: one is no engine of a cluster.
    """
    names = value.split(",") if isinstance(value, str) else list(value)
    found = tuple(dict.fromkeys(name.strip().upper() for name in map(str, names) if name.strip()))
    if odd := [name for name in found if name not in ENGINES]:
        known = ", ".join(ENGINES).lower()
        raise ValueError(f"engines must be some of {known}, got {odd[0].lower()!r}")
    return found or (ENGINES[:1] if own_party is not None else ())


def parse_serving(value: str) -> Serving:
    """Return whether a serving answers: ``"up"`` or ``"down"``.

    Raises:
        ValueError: `value` is neither.
    """
    if value == "up":
        return "up"
    if value == "down":
        return "down"
    raise ValueError(f"serving must be 'up' or 'down', got {value!r}")


def check_token(token: str | None) -> str | None:
    """Return the token of the control API.

    Raises:
        ValueError: it is too short, or no header can carry it; the text does not show it.
    """
    if token is None:
        return None
    if len(token) < _SHORTEST_TOKEN or not (token.isascii() and token.isprintable()):
        raise ValueError(
            f"the token of the control API must have at least {_SHORTEST_TOKEN} characters, all of"
            " them printable ASCII"
        )
    return token


def parse_pace(value: str | float) -> Pace:
    """Return the pace that `value` names: ``"instant"``, ``"manual"`` or a number of seconds.

    Raises:
        ValueError: it is none of these, or the number is negative or more than a year.
    """
    if value == "manual":
        return "manual"
    if value == "instant":
        return 0.0
    try:
        seconds = float(value)
    except (OverflowError, ValueError):
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_TASK:
        raise ValueError(
            f"pace must be 'instant', 'manual' or seconds >= 0, at most a year, got {value!r:.100}"
        )
    return seconds
