"""Options from the command line, else the environment, else the configuration file, else their defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from flowkit.config import Config, Setting, read_config
from flowkit.errors import ArgumentError
from flowkit.inputs.spelling import nearest

__all__ = [
    "PREFIX",
    "ExecutorType",
    "PaceType",
    "ServiceCommand",
    "settable",
    "variable",
    "web_address",
]

#: What stands before every variable of ``flowkit mock``.
PREFIX = "FLOWKIT_MOCK_"
#: Variables that are no options.
OTHERS = frozenset({"FLOWKIT_MOCK_TLS_KEY_PASSWORD"})
#: Kubernetes and Docker links set these in every container beside a service called flowkit-mock.
_LINK = re.compile(r"FLOWKIT_MOCK_(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)")
_LINK_ADDRESS = re.compile(r"(tcp|udp)://")


if TYPE_CHECKING:
    from flowkit_mockserver.settings import Executor

    _Pace = click.ParamType[str | float]
    _Executor = click.ParamType[Executor]
else:
    _Pace = _Executor = click.ParamType  # generic from click 8.4 on only


class PaceType(_Pace):
    """``instant``, ``manual`` or seconds."""

    name = "instant|SECONDS|manual"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | float:
        """Return the pace that a text names."""
        from flowkit_mockserver.settings import parse_pace

        try:
            return parse_pace(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ExecutorType(_Executor):
    """What `parse_executor` takes."""

    name = "thread|processes[:N]|dask://HOST:PORT"

    def convert(
        self, value: str | Executor, param: click.Parameter | None, ctx: click.Context | None
    ) -> Executor:
        """Return the executor that a text names."""
        from flowkit_mockserver.settings import parse_executor

        if not isinstance(value, str):
            return value
        try:
            return parse_executor(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def web_address(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return an address without a slash at its end; None for none."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"must begin with http:// or https://, got {value!r}", ctx, param)
    return value.rstrip("/") if value else None


def settable(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """Yield the options of a command that can be set elsewhere, by their name in the configuration file."""
    for param in command.params:
        if isinstance(param, click.Option) and not param.is_eager:
            longest = max(param.opts, key=len)
            yield longest.lstrip("-").replace("-", "_"), param


def variable(name: str) -> str:
    """Return the variable of the environment for an option of that name."""
    return PREFIX + name.upper()


class ServiceCommand(click.Command):
    """A command whose options are all variables ``FLOWKIT_MOCK_…`` and settings of the table ``mock`` as well."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, option in settable(self):
            option.envvar = variable(name)
            option.show_envvar = True

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read what the environment and the file say before the arguments are parsed."""
        if extra.get("resilient_parsing") or {"-h", "--help"}.intersection(args):
            return super().make_context(info_name, args, parent, **extra)
        self._check_environment()
        try:
            config = read_config(getattr(parent.obj if parent else None, "profile", None))
        except ArgumentError as error:
            raise click.UsageError(str(error)) from error
        return super().make_context(
            info_name, args, parent, **extra, default_map=self._defaults(config)
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; of a value that cannot be used it is said where it came from."""
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            if not (origin := self._origin(ctx, error.param)):
                raise
            raise click.BadParameter(error.message + origin, ctx, error.param) from error

    def _check_environment(self) -> None:
        known = {variable(name) for name, _ in settable(self)} | OTHERS
        for name in os.environ:
            if name.startswith(PREFIX) and name not in known and not _LINK.fullmatch(name):
                raise click.UsageError(
                    f"the environment variable {name} is no option of flowkit mock;"
                    f" did you mean {nearest(name, known)}?"
                )

    def _defaults(self, config: Config) -> dict[str, Any]:
        """Return what the file says, by the names of parameters."""
        options = dict(settable(self))
        found: dict[str, Any] = {}
        for name, setting in config.mock.items():
            option = options.get(name)
            if option is None:
                raise click.UsageError(
                    f"{setting.origin}: mock.{name} is no option of flowkit mock;"
                    f" did you mean {nearest(name, options)!r}?"
                )
            found[str(option.name)] = _value(name, option, setting, config)
        return found

    def _origin(self, ctx: click.Context, param: click.Parameter | None) -> str:
        if not isinstance(param, click.Option):
            return ""
        if ctx.get_parameter_source(str(param.name)) is ParameterSource.DEFAULT_MAP:
            return " (set by the table mock of the configuration file)"
        if _LINK_ADDRESS.match(os.environ.get(str(param.envvar), "")):
            return (
                " (Kubernetes sets this variable for a service called flowkit-mock: call the service"
                " otherwise, or say enableServiceLinks: false)"
            )
        return ""


def _value(name: str, option: click.Option, setting: Setting, config: Config) -> Any:
    """Return a value of the file as click takes it; paths count from the folder of the file.

    Raises:
        click.UsageError: it is of no type that an option can have.
    """
    values = setting.value if option.multiple else [setting.value]
    if not isinstance(values, list):
        values = [values]
    for value in values:
        flag = isinstance(value, bool)
        if flag != option.is_flag or isinstance(value, list | Mapping):
            kind = "true or false" if option.is_flag else "a text or a number"
            kind = f"{kind}, or a list of such" if option.multiple else kind
            raise click.UsageError(
                f"{setting.origin}: mock.{name} must be {kind}, got {type(value).__name__}"
            )
    if isinstance(option.type, click.Path) and config.path is not None:
        values = [str(config.path.parent / Path(str(value)).expanduser()) for value in values]
    return values if option.multiple else values[0]
