"""The official SDK's import name, served by flowkit: ``from flow_sdk.client import FlowClient``."""

from __future__ import annotations

import warnings
from importlib.metadata import PackageNotFoundError, version

__all__: list[str] = []

OFFICIAL = "fate-client"


def _warn_of_a_second_provider() -> None:
    """Say so when the official SDK is installed as well: whichever was installed last is in effect.

    Its line 2 has other import names and does not get in the way.
    """
    try:
        official = version(OFFICIAL)
    except PackageNotFoundError:
        return
    if official.startswith("1."):
        warnings.warn(
            f"two installed distributions provide the package flow_sdk, fate-flowkit and {OFFICIAL} "
            f"{official}; this is flowkit's. Uninstall the other, or import flowkit.compat instead; "
            "flowkit doctor says which is in effect",
            RuntimeWarning,
            stacklevel=3,
        )


_warn_of_a_second_provider()
