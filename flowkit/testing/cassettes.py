"""The bundled cassettes, for tests of code that uses flowkit."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from flowkit.errors import CassetteError

__all__ = ["CASSETTES", "cases", "cassette"]

_INSTALLED = Path(__file__).parent.parent / "cassettes"

#: The folder of the bundled cassettes: in the package when installed, beside it in a checkout.
CASSETTES = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent.parent / "cassettes"


def cassette(name: str) -> Path:
    """Return the path of a bundled cassette, recorded from a real FATE Flow 1.6.1.

    Args:
        name: an operation, such as ``"job.submit"``, or a session, such as
            ``"train-deploy-predict"``.

    Raises:
        CassetteError: there is none of that name.
    """
    for folder in ("operations", "sessions"):
        path = CASSETTES / folder / f"{name}.yaml"
        if path.is_file():
            return path
    known = sorted(path.stem for path in CASSETTES.glob("*/*.yaml"))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"
    raise CassetteError(f"no bundled cassette is called {name!r}{hint}")


def cases() -> list[dict[str, Any]]:
    """Return the cases of the bundled operation cassettes, in the order they were recorded.

    Each has ``operation``, ``case``, ``arguments`` (paths relative to `CASSETTES`) and the number
    of ``interactions`` it took.
    """
    found: list[dict[str, Any]] = json.loads((CASSETTES / "cases.json").read_text(encoding="utf-8"))
    return found
