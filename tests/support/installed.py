"""Distributions made up for a test: entry points on `sys.path`, without installing anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(
    folder: Path, distribution: str, plugins: Mapping[str, str], modules: Mapping[str, str]
) -> Path:
    """Lay out a distribution in `folder`, which the caller puts on `sys.path`.

    Args:
        folder: an empty folder.
        distribution: its name.
        plugins: its entry points of the group ``flowkit``: object by name.
        modules: the source of its modules by name.
    """
    info = folder / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    lines = "\n".join(f"{name} = {target}" for name, target in plugins.items())
    (info / "entry_points.txt").write_text(f"[flowkit]\n{lines}\n")
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return folder
