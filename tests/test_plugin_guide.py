"""The guide for authors of plugins: its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flowkit.hooks.loading import available_plugins

PAGES = Path(__file__).parents[1] / "docs" / "plugins"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["index", "tutorial", "recipes"])
def test_its_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for language, text in BLOCK.findall((PAGES / f"{page}.md").read_text("utf-8")):
        if language == "toml" and (named := re.match(r"# (\w+\.toml)", text)):
            (tmp_path / named[1]).write_text(text)
        if language == "python":
            exec(compile(text, page, "exec"), names)


def test_every_bundled_plugin_is_on_its_page() -> None:
    written = (PAGES / "bundled.md").read_text("utf-8")
    for name, point in available_plugins().items():
        if point.dist is not None and point.dist.name == "fate-flowkit":
            assert re.search(rf"^## .*\b{name}\b", written, re.MULTILINE), name
            if isinstance(point.load(), type):
                assert f".. autoclass:: {point.value.replace(':', '.')}\n" in written, name
