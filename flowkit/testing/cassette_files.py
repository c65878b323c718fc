"""Which cassette belongs to which test, and what of them is left over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowkit.testing.marker import marker_settings

__all__ = ["CassetteUse", "cassette_path"]

LONGEST = 150


def cassette_path(item: pytest.Item, folder: str) -> Path:
    """Return the file of a test's cassette: named by the marker, or after the test.

    Args:
        item: the test.
        folder: name of the folder beside the test's file.
    """
    place = item.path.parent / folder
    named = marker_settings(item).get("cassette")
    if named is not None:
        return Path(place / named)
    return place / item.path.stem / f"{_file_name(item.nodeid.partition('::')[2])}.yaml"


def _file_name(name: str) -> str:
    """Return a test's name as a file name that no other test of its module has."""
    plain = re.fullmatch(r"([\w:]+)(?:\[([\w.-]+)\])?", name, re.ASCII)
    if plain is not None and len(name) <= LONGEST:
        return "-".join(filter(None, (plain[1].replace("::", "."), plain[2])))
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", name.replace("::", "."))[:LONGEST].strip("-.")
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass
class CassetteUse:
    """What the tests of one run make of their cassettes.

    Attributes:
        unplayed: by cassette, the places of the interactions that no test has asked for.
        recorded: by cassette, the first test that recorded it.
        claimed: by cassette, the file of a test that it belongs to.
    """

    unplayed: dict[str, list[int]] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    claimed: dict[str, str] = field(default_factory=dict)

    def claim(self, path: Path, item: pytest.Item) -> None:
        """Note which test a cassette belongs to, whether it will run or not."""
        self.claimed[str(path.resolve())] = str(item.path)

    def begin_recording(self, path: Path, item: pytest.Item) -> None:
        """Note that a test records a cassette; fail it when another one has."""
        first = self.recorded.setdefault(str(path.resolve()), item.nodeid)
        if first != item.nodeid:
            pytest.fail(
                f"cassette {path} was recorded by {first} already; give each test one of its own"
            )

    def played(self, replay: Any) -> None:
        """Note what a test has not asked for; what another one has does not count."""
        left = [number for number, one in enumerate(replay.cassette, 1) if not one.played]
        self._keep(str(replay.path.resolve()), left)

    def _keep(self, path: str, left: list[int]) -> None:
        self.unplayed[path] = [n for n in self.unplayed.get(path, left) if n in left]

    def export(self) -> dict[str, Any]:
        """Return what the controlling process of pytest-xdist needs to know."""
        return {"unplayed": self.unplayed, "claimed": self.claimed}

    def take_in(self, exported: dict[str, Any]) -> None:
        """Add what a worker of pytest-xdist has exported."""
        for path, left in exported.get("unplayed", {}).items():
            self._keep(path, left)
        self.claimed.update(exported.get("claimed", {}))

    def report(self, config: pytest.Config, folder: str) -> Iterator[str]:
        """Yield a line about each cassette of which something is left over."""
        for path, left in sorted(self.unplayed.items()):
            if left:
                which = ", ".join(map(str, left[:10])) + (", …" if len(left) > 10 else "")
                yield f"{path}: {len(left)} interactions were never asked for: {which}"
        for path in self._orphans(config, folder):
            yield f"{path}: no test uses this cassette"

    def _orphans(self, config: pytest.Config, folder: str) -> list[str]:
        """Return the cassettes that belong to no test, as far as the tests were collected."""
        if any("::" in argument for argument in config.args) or config.getoption("lf", False):
            return []
        held: set[Path] = set()
        for path, test in self.claimed.items():
            # Others' cassettes may lie there too: only folders that hold one of ours are looked at.
            held.update(Path(path).parent.glob("*.yaml"))
            for place in (Path(test).parent / folder).glob("*/"):
                if not place.parent.with_name(f"{place.name}.py").exists():
                    held.update(place.glob("*.yaml"))
        return sorted({str(path.resolve()) for path in held} - self.claimed.keys())
