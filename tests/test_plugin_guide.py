"""The guide for authors of plugins: its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGES = Path(__file__).parents[1] / "docs" / "plugins"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["tutorial", "howto"])
def test_its_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for language, text in BLOCK.findall((PAGES / f"{page}.md").read_text("utf-8")):
        if language == "toml" and (named := re.match(r"# (\w+\.toml)", text)):
            (tmp_path / named[1]).write_text(text)
        if language == "python":
            exec(compile(text, page, "exec"), names)
