"""The official SDK beside flowkit: both bring the package flow_sdk, and one is in effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from flowkit.doctor.finding import Finding, State

__all__ = ["examine_collision"]

OFFICIAL = "fate-client"


def examine_collision(
    installed: Callable[[str], str] = metadata.version,
    located: Callable[[], Path | None] | None = None,
) -> Iterator[Finding]:
    """Yield a finding about ``import flow_sdk``.

    Args:
        installed: returns the version of a distribution.
        located: returns the file that ``import flow_sdk`` loads; None when there is none.
    """
    file = (located or _locate)()
    try:
        official = installed(OFFICIAL)
    except metadata.PackageNotFoundError:
        official = ""
    ours = file is not None and _is_ours(file)
    if official.startswith("1."):
        whose = "flowkit's" if ours else "the official one's"
        text = f"{OFFICIAL} {official} brings a package flow_sdk, too; import flow_sdk is {whose}"
        mend = (
            f"write from flowkit.compat import FlowClient where flowkit is meant, or uninstall"
            f" {OFFICIAL} and reinstall fate-flowkit"
        )
        yield Finding("flow_sdk", State.WARNING if ours else State.PROBLEM, text, mend)
    elif file is not None and not ours:
        mend = "move or rename it, or write from flowkit.compat import FlowClient"
        yield Finding("flow_sdk", State.WARNING, f"import flow_sdk loads {file}", mend)
    else:
        yield Finding(
            "flow_sdk", State.OK, "import flow_sdk is flowkit's; nothing competes with it"
        )


def _locate() -> Path | None:
    """Return the file of the package flow_sdk without importing it."""
    spec = find_spec("flow_sdk")
    return Path(spec.origin) if spec is not None and spec.origin else None


def _is_ours(file: Path) -> bool:
    """Return whether a package flow_sdk is flowkit's: it has little in it but a mention of us."""
    client = file.with_name("client") / "__init__.py"
    try:
        return "flowkit" in client.read_text("utf-8", "replace")
    except OSError:
        return False
