"""What the command line knows of the server: the options that hold for every command."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from flowkit.call.address import Address
from flowkit.cli.exits import Failure
from flowkit.cli.logs import LEVELS, showing_logs
from flowkit.errors import FlowError

if TYPE_CHECKING:
    from flowkit.client import FlowClient

__all__ = ["ClientCommand", "Settings", "connect", "shared_options"]

NOTE = "The options of flowkit itself (--url, --timeout, --output …) may be given here as well."


@dataclass
class Settings:
    """The shared options, from the command line and the environment.

    Attributes:
        url: the server's address; None leaves it to the environment and the configuration file.
        ip: its host, in place of `url`.
        port: its port.
        timeout: seconds to wait for an answer; None for the client's own.
        server: line or version of the server, or ``"auto"``.
        profile: profile of the configuration file.
        plugins: plugins to enable, by name or as objects.
        output: ``"json"`` or ``"table"``.
        proxy: proxy on the way; empty for none, None leaves it to environment and file.
        ca_certificates: certificates to trust in place of the system's.
        client_certificate: the client's own certificate.
        client_key: its private key.
        log_level: level from which on standard error shows what is logged.
    """

    url: str | None = None
    ip: str | None = None
    port: int | None = None
    timeout: float | None = None
    server: str | None = None
    profile: str | None = None
    plugins: list[object | str] = field(default_factory=list)
    output: str = "json"
    proxy: str | None = None
    ca_certificates: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    log_level: str = "info"

    def client(self) -> FlowClient:
        """Return a new client of the server."""
        from flowkit.client import FlowClient  # not every command needs one

        return FlowClient(
            self._address(),
            self.port,
            # Credentials come from the environment only, where no list of processes shows them.
            app_key=os.environ.get("FLOWKIT_APP_KEY"),
            secret_key=os.environ.get("FLOWKIT_SECRET_KEY"),
            plugins=self.plugins,
            timeout=self.timeout,
            server=self.server,
            profile=self.profile,
            proxy=self.proxy,
            ca_certificates=self.ca_certificates,
            client_certificate=self.client_certificate,
            client_key=self.client_key,
        )

    def _address(self) -> Address | None:
        """Return the address that the options name; None leaves it to environment and file."""
        if self.url:
            return Address.parse(self.url, self.port, "the option --url", argument="url")
        if self.ip:
            return Address.parse(self.ip, self.port, "the options --ip and --port")
        return None


class ClientCommand(click.Command):
    """A command that talks to the server: it accepts the shared options after its name, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {param.name for param in self.params}
        self.params.extend(
            option for option in shared_options(hidden=True) if option.name not in taken
        )
        self.epilog = f"{self.epilog}\n\n{NOTE}" if self.epilog else NOTE

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error is told here, where the options that it may name are known."""
        try:
            return super().invoke(ctx)
        except FlowError as error:
            raise Failure(error) from error


def connect(ctx: click.Context) -> FlowClient:
    """Return the client for a command; it is closed when the command ends.

    Until then standard error shows what is logged, by the plugin ``logging`` for one.
    """
    settings = ctx.ensure_object(Settings)
    ctx.with_resource(showing_logs(settings.log_level))
    return ctx.with_resource(settings.client())


def shared_options(hidden: bool = False) -> list[click.Option]:
    """Return the options that every command shares; their values go into the `Settings`."""

    def keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
        if value is None or value == ():
            return
        settings = ctx.ensure_object(Settings)
        name = str(option.name)
        setattr(settings, name, [*settings.plugins, *value] if name == "plugins" else value)

    def option(*names: str, help: str, **attributes: Any) -> click.Option:
        return click.Option(
            names,
            help=help,
            expose_value=False,
            callback=keep,
            hidden=hidden,
            is_eager=True,  # --help lists what the plugins named before it bring
            **attributes,
        )

    return [
        option("--url", help="Server's address, such as http://127.0.0.1:9380, the default."),
        option("--ip", help="Server's host, in place of --url."),
        option("--port", type=click.IntRange(1, 65535), help="Server's port."),
        option("--timeout", type=float, metavar="SECONDS", help="How long to wait for an answer."),
        option(
            "--server",
            metavar="LINE",
            help="Server's line or version, 1.5 to 1.11; it is asked by default.",
        ),
        option("--proxy", metavar="URL", help="Proxy on the way; empty for none."),
        option(
            "--ca-certificates",
            metavar="FILE",
            help="Certificates to trust in place of the system's.",
        ),
        option("--client-certificate", metavar="FILE", help="The client's own certificate."),
        option("--client-key", metavar="FILE", help="Its private key, unless it is in there, too."),
        option("--profile", metavar="NAME", help="Profile of the configuration file."),
        option(
            "--plugin",
            "plugins",
            multiple=True,
            metavar="NAME",
            help="Plugin to enable, or with - in front to disable; repeatable.",
        ),
        option(
            "--output",
            type=click.Choice(["json", "table"]),
            help="Print the whole answer as JSON, or its data as a table.",
        ),
        option(
            "--log-level",
            type=click.Choice(LEVELS),
            help="Show what plugins log from this level on; info by default.",
        ),
    ]
