"""Running the command line in this process."""

from __future__ import annotations

import json
from inspect import signature
from typing import Any

from click.testing import CliRunner, Result

from flowkit.cli.app import app
from flowkit.cli.settings import Settings


def run(*words: str, plugins: tuple[object, ...] = (), **environment: str) -> Result:
    """Run ``flowkit`` with these words; `plugins` take part in its client."""
    # Up to click 8.1, standard error is part of standard output unless it is kept apart.
    apart = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    runner = CliRunner(env=environment, **apart)
    return runner.invoke(app, list(words), obj=Settings(plugins=list(plugins)), prog_name="flowkit")


def answer(result: Result) -> Any:
    """Return the JSON that a command has printed."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
