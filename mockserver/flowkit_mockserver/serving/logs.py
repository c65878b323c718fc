"""What the server logs, and how: a line of text or of JSON on standard error, without secrets."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, TextIO

from flowkit.call.secrets import mask_text

__all__ = ["LEVELS", "Format", "configure_logs", "formatter"]

Format = Literal["text", "json"]
LEVELS = ("debug", "info", "warning", "error")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Masking(logging.Filter):
    """Takes secrets out of messages; never out of the way."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_text(record.getMessage()), None
        return True


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        self.stream = sys.stderr
        super().emit(record)


def configure_logs(kind: Format, level: str) -> None:
    """Let everything of this process be logged to standard error.

    Args:
        kind: ``"text"`` or ``"json"``.
        level: one of `LEVELS`, from which on something is logged.

    Called again, it takes the place of what it did before.

    Raises:
        ValueError: what writes JSON is not installed.
    """
    handler = _StandardError()
    handler.setFormatter(formatter(kind))
    handler.addFilter(_Masking())
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, _StandardError)]
    root.addHandler(handler)
    root.setLevel(level.upper())


def formatter(kind: Format) -> logging.Formatter:
    """Return what makes a line of a record.

    Raises:
        ValueError: what writes JSON is not installed.
    """
    if kind == "text":
        return logging.Formatter(_TEXT)
    try:
        from pythonjsonlogger.json import JsonFormatter
    except ModuleNotFoundError as error:
        raise ValueError(
            "--log-format json needs python-json-logger: pip install 'fate-flowkit[service]'"
        ) from error
    names: Any = {"levelname": "level", "name": "logger"}
    return JsonFormatter(
        "%(levelname)s %(name)s %(message)s", rename_fields=names, timestamp="time"
    )
