"""The documentation: its examples run, and it leaves nothing out."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowClient, config
from flowkit.cli.settings import shared_options
from flowkit.demo import DATA, upload
from flowkit.hooks import specs as hookspecs
from flowkit_mockserver import MockServer
from terminal import run

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            "index",
            "tutorial",
            "howto/doctor",
            "howto/errors",
            "howto/fate-client",
            "howto/notebooks",
            "howto/offline",
            "howto/parties",
            "howto/results",
            "howto/server",
            "reference/control",
            "reference/servers",
        )
    ),
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\bFLOWKIT_[A-Z_]+\b")


def blocks(page: str, language: str) -> list[str]:
    found = BLOCK.findall((ROOT / page).read_text("utf-8"))
    return [text for kind, text in found if kind == language]


@cache
def everything_written() -> str:
    return "".join(
        page.read_text("utf-8") for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    )


@pytest.fixture
def server() -> Iterator[MockServer]:
    """A server on a port, for examples that name an address; it has the tables of the demo."""
    with MockServer(port=0) as mock:
        with mock.client() as flow:
            for role in ("guest", "host"):
                upload(flow, role)
        yield mock


@pytest.mark.parametrize("page", PAGES)
def test_the_python_examples_run(
    page: str, server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for source, name in (
        ("train_conf.json", "conf.json"),
        ("train_dsl.json", "dsl.json"),
        ("guest.csv", "guest.csv"),
    ):
        shutil.copy(DATA / source, name)
    names: dict[str, Any] = {"FlowClient": FlowClient}
    for block in blocks(page, "python"):
        here = re.sub(r'"127\.0\.0\.1", \d+', f'"127.0.0.1", {server.port}', block)
        exec(compile(here, page, "exec"), names)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_exist(page: str) -> None:
    for line in "".join(blocks(page, "sh")).splitlines():
        words = shlex.split(line)
        if words[:1] == ["flowkit"]:
            result = run(*words[1:], "--help")
            assert result.exit_code == 0, result.output


def test_the_readme_opens_with_the_demo_and_the_tests() -> None:
    demo, tests = blocks("README.md", "sh")[:2]
    start = "python3 -m venv .venv && .venv/bin/pip install -q -e "
    assert demo == f"{start}'.[all]' && .venv/bin/flowkit demo\n"
    assert tests == f"{start}'.[dev]' && .venv/bin/pytest\n"


def test_links_within_the_documentation_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_variable_of_the_environment_is_documented() -> None:
    for room in ("flowkit", "flow_sdk", "plugins", "mockserver"):
        for path in (ROOT / room).rglob("*.py"):
            for name in VARIABLE.findall(path.read_text("utf-8")):
                assert name in everything_written(), f"{name} of {path}"


def test_every_setting_of_the_configuration_file_is_documented() -> None:
    for name in config.KINDS:
        assert re.search(rf"\b{name}\b", everything_written()), name


def test_every_hook_says_when_it_runs_and_shows_an_example() -> None:
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("flowkit_")]
    assert hooks
    for hook in hooks:
        for part in ("Runs:", "May change:", "May answer:", "Costs:", "Example::"):
            assert part in hook.__doc__, f"{hook.__name__}: {part}"


def test_every_shared_option_is_documented() -> None:
    text = (ROOT / "docs/reference/commandline.md").read_text("utf-8")
    for option in shared_options():
        assert f"`{option.opts[0]}" in text, option.opts[0]


def test_the_changelog_tells_each_thing_once_and_to_its_end() -> None:
    entries = re.findall(
        r"^\* (.*?)(?=^\* |^#|\Z)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M | re.S
    )
    titles = [entry.partition("**")[2].partition("**")[0] for entry in entries]
    assert [title for title in titles if titles.count(title) > 1] == []
    assert [entry for entry in entries if not entry.rstrip().endswith(".")] == []
