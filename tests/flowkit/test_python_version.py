"""A Python that is too old is told so, whoever starts flowkit with it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import flowkit

PROGRAM = "import sys; sys.version_info = (3, 8, 18); import {}"


def test_the_message_names_both_versions() -> None:
    for name in ("flowkit", "flowkit.cli", "flow_sdk.client"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(
            "ImportError: flowkit needs Python 3.11 or later, and this is 3.8 ("
        )


def test_an_old_python_can_read_the_message() -> None:
    source = Path(str(flowkit.__file__)).read_text("utf-8")
    ast.parse(source, feature_version=(3, 7))
    assert "__future__" not in source
