"""Files of fault rules, as documents: TOML, YAML or JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from flowkit import PluginError
from flowkit.inputs.documents import read_whole_file

__all__ = ["read_rule_file"]


def read_rule_file(path: str | Path) -> Any:
    """Return the document of a TOML, YAML or JSON file, which `flowkit_fault_rules.parse_rules` looks at.

    Raises:
        PluginError: the file cannot be read.
    """
    file = Path(path)
    try:
        return _parse(file.suffix, read_whole_file(file).decode())
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise PluginError(f"faults: {path} cannot be read: {reason}") from error
    except RecursionError as error:
        raise PluginError(f"faults: {path} is nested too deeply") from error


def _parse(suffix: str, text: str) -> Any:
    if suffix == ".json":
        return json.loads(text)
    if suffix not in (".yaml", ".yml"):
        return tomllib.loads(text)
    try:
        import yaml  # the client itself does without it
    except ImportError:
        raise ValueError("YAML needs PyYAML (pip install PyYAML); TOML and JSON do not") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
