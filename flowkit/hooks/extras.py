"""Extras of the distribution: which of them brings a library that could not be imported."""

from __future__ import annotations

__all__ = ["extra_for", "install_hint"]

# Libraries, as they are imported, by the extra of fate-flowkit that brings them.
EXTRAS = {
    "filelock": "pytest",
    "flask": "mock",
    "google": "mock",
    "httptools": "mock",
    "matplotlib": "plot",
    "numpy": "mock",
    "opentelemetry": "telemetry",
    "rich": "cli",
    "tomlkit": "cli",
    "uvicorn": "mock",
    "vcr": "replay",
    "werkzeug": "mock",
    "yaml": "replay",
}


def extra_for(error: ImportError) -> str:
    """Return the extra of fate-flowkit that brings what could not be imported; empty if none does."""
    return EXTRAS.get((error.name or "").partition(".")[0], "")


def install_hint(error: BaseException) -> str:
    """Return how to install what could not be imported, to be put behind a sentence about it.

    Empty for other errors, for libraries that no extra brings, and where the error says so itself.
    """
    if not isinstance(error, ModuleNotFoundError) or "pip install" in str(error):
        return ""
    extra = extra_for(error)
    return f": pip install 'fate-flowkit[{extra}]'" if extra else ""
