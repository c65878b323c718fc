"""Settings: the address with its origin, the configuration file, the plugins."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from flowkit.call.address import Address
from flowkit.call.secrets import is_secret_name
from flowkit.config import Config
from flowkit.doctor.finding import Finding, State

__all__ = ["examine_address", "examine_credentials", "examine_file"]

SIGNING = ("FLOWKIT_APP_KEY", "FLOWKIT_SECRET_KEY")
OTHERS = stat.S_IRGRP | stat.S_IROTH


def examine_address(address: Address) -> Iterator[Finding]:
    """Yield a finding that says where the server is, and who says so."""
    text = f"{address.origin}{address.base}, from {address.origin_of}"
    if address.origin_of == "the default":
        mend = "flowkit init --ip HOST --port PORT keeps another; FLOWKIT_URL or --url names one"
        yield Finding("address", State.OK, text, mend)
    elif address.origin_of.endswith("FLOWKIT_REDIRECT"):
        mend = "unset FLOWKIT_REDIRECT, unless this is meant"
        yield Finding("address", State.WARNING, f"{text}, which overrules all else", mend)
    else:
        yield Finding("address", State.OK, text)


def examine_credentials() -> Iterator[Finding]:
    """Yield a finding when half of what signs requests is there: they go out without a signature."""
    given = [name for name in SIGNING if os.environ.get(name)]
    if len(given) == 1:
        (missing,) = set(SIGNING) - set(given)
        text = f"{given[0]} is set and {missing} is not: requests go out without a signature"
        yield Finding(
            "credentials", State.PROBLEM, text, f"set {missing} as well, or unset {given[0]}"
        )


def examine_file(config: Config) -> Iterator[Finding]:
    """Yield findings about the configuration file: which counts, and who can read its secrets."""
    if config.path is None:
        yield Finding("configuration", State.OK, "no configuration file")
        return
    profile = f", profile {config.profile}" if config.profile else ""
    yield Finding("configuration", State.OK, f"{config.path}{profile}")
    secret = any(
        is_secret_name(name) for arguments in config.options.values() for name in arguments
    )
    if secret and os.name == "posix" and config.path.stat().st_mode & OTHERS:
        text = f"{config.path} holds credentials, and other users of this machine can read it"
        yield Finding("permissions", State.WARNING, text, f"chmod 600 {config.path}")
