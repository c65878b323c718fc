"""How each line refuses a request that is not signed, or not well."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flowkit.servers import line_of

__all__ = ["HEADER_NAMES", "OPEN_PATHS", "SignatureRules", "arrived", "signature_rules"]

#: Where a server that listens itself notes the names of a request's headers as they came.
HEADER_NAMES = "flowkit.header_names"

#: The paths by which servers talk to each other: no client signs them.
OPEN_PATHS = ("/v1/party", "/v1/initiator", "/v1/operation", "/v1/tracker")


@dataclass(frozen=True, slots=True)
class SignatureRules:
    """How a line refuses.

    Attributes:
        by_status: with an HTTP status of its own, not by retcode 109.
        dashes_only: a header whose name has an underscore never arrives: FATE 1.11 brings a Werkzeug (2.3) that
            drops them, so that ``APP_KEY`` has to be sent as ``APP-KEY``.
        everywhere: an unknown path is refused, too, and a body counts whatever its content type.
    """

    by_status: bool = False
    dashes_only: bool = False
    everywhere: bool = False


_RULES: Mapping[str, SignatureRules] = {
    "1.7": SignatureRules(by_status=True),
    "1.8": SignatureRules(by_status=True),
    "1.9": SignatureRules(everywhere=True),
    "1.10": SignatureRules(everywhere=True),
    "1.11": SignatureRules(everywhere=True, dashes_only=True),
}
#: The lines before there were signatures are mocked with those of this one.
_ELSE = "1.9"


def signature_rules(line: str | None) -> SignatureRules:
    """Return how a line refuses.

    Args:
        line: a line or a version; None for what is usual.

    Raises:
        ValueError: there is no such line.
    """
    return _RULES.get(line_of(line or _ELSE).name, _RULES[_ELSE])


def arrived(name: str, value: str, names: Collection[str] | None, rules: SignatureRules) -> str:
    """Return the value of a header, empty when a server of the line never sees it.

    Args:
        name: the name of the header, with underscores.
        value: its value as the gateway hands it over, which takes dashes and underscores for the same.
        names: the names of the request's headers as they came, in lower case; None when nobody knows.
        rules: the rules of the line.
    """
    if names is None or not rules.dashes_only or "_" not in name:
        return value
    return value if name.lower().replace("_", "-") in names else ""
