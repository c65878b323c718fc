"""The root: what it lists, and commands that come from elsewhere."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import click
import pytest

from fakes import Server, envelope
from flowkit import Effect, Group, Operation, Reply, __version__, hookimpl
from flowkit.cli import loading
from installed import install as install_distribution
from terminal import answer, run


def install(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    monkeypatch.setattr(
        loading, "entry_points", lambda group: EntryPoints(points).select(group=group)
    )


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "flowkit.commands")


@click.command()
def greet() -> None:
    """Greet whoever is there."""
    click.echo("hello")


def test_the_help_lists_groups_and_tools() -> None:
    text = run("--help").stdout
    for name in ("job", "remote-version", "demo", "mock", "operations", "plugins"):
        assert f"\n  {name} " in text


def test_the_version_is_the_package_s() -> None:
    assert run("--version").stdout == f"flowkit, version {__version__}\n"


def test_plugins_lists_what_is_installed_and_what_is_enabled() -> None:
    rows = answer(run("plugins", "--json", FLOWKIT_PLUGINS="cache"))
    enabled = {row["name"]: row["enabled"] for row in rows}
    assert enabled["cache"] == "FLOWKIT_PLUGINS"
    assert enabled["auth"] == ""


def test_a_command_from_another_distribution_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.modules["greeting"] = type(sys)("greeting")
    monkeypatch.setattr(sys.modules["greeting"], "greet", greet, raising=False)
    install(monkeypatch, point("greet", "greeting:greet"))
    assert run("greet").stdout == "hello\n"
    del sys.modules["greeting"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("not_there_at_all:greet", "No module named 'not_there_at_all'"),
        ("json:dumps", "is no click command"),
        ("json:nothing", "AttributeError"),
    ],
)
def test_a_broken_command_is_reported_and_harms_no_other(
    monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    install(monkeypatch, point("broken", value))
    result = run("broken")
    assert result.exit_code == 1
    assert value in result.stderr
    assert reason in result.stderr
    assert "broken" in run("--help").stdout
    assert run("operations").exit_code == 0


def test_help_imports_neither_flask_nor_vcr_nor_rich() -> None:
    program = (
        "import sys; from flowkit.cli import main\n"
        "try: main()\n"
        "finally: print([n for n in ('flask', 'uvicorn', 'vcr', 'rich') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_click_the_extra_is_named() -> None:
    program = (
        "import sys, importlib.util as u; find = u.find_spec\n"
        "import flowkit.cli as cli\n"
        "cli.find_spec = lambda name: None if name == 'click' else find(name)\n"
        "cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "flowkit: the command line needs click: pip install 'fate-flowkit[cli]'\n"
    )


def test_a_library_that_lacks_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setitem(sys.modules, "rich", None)
    result = run("demo")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: this command needs rich.console: pip install 'fate-flowkit[cli]'\n"
    )


class Added(Group):
    """What a plugin adds."""

    operations = (Operation("extra.count", "POST", "extra/count", Effect.READ, "Count it."),)

    def count(self) -> Reply[int]:
        """Count it.

        Endpoint: ``POST extra/count``.
        """
        return self._call("extra.count")


class Adding:
    @hookimpl
    def flowkit_operation_groups(self) -> dict[str, type[Group]]:
        return {"extra": Added}


def test_what_a_plugin_adds_stands_in_the_help_and_in_the_table() -> None:
    text = run("--help", plugins=(Adding(),)).stdout
    assert "Operations that plugins add:\n  extra  What a plugin adds.\n" in text
    rows = answer(run("operations", "--json", plugins=(Adding(),)))
    assert rows[-1]["name"] == "extra.count"
    assert "extra" not in run("--help").stdout


def test_a_plugin_named_on_the_command_line_counts_for_the_help(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = (
        "from flowkit import Group, hookimpl\n\n"
        "class Far(Group):\n"
        "    'What is far.'\n\n"
        "class Adding:\n"
        "    @hookimpl\n"
        "    def flowkit_operation_groups(self):\n"
        "        return {'far': Far}\n"
    )
    points, modules = {"adding": "far_away_plugin:Adding"}, {"far_away_plugin": source}
    monkeypatch.syspath_prepend(str(install_distribution(tmp_path, "far-away", points, modules)))
    assert "\n  far  What is far.\n" in run("--plugin", "adding", "--help").stdout


def test_a_broken_plugin_does_not_keep_the_help_from_being_shown() -> None:
    result = run("--plugin", "nosuch", "--help")
    assert result.exit_code == 0
    assert "Note: what plugins add is not shown: no plugin is called 'nosuch'" in result.stderr
    assert "\n  job " in result.stdout


def test_a_broken_plugin_does_not_hide_the_tools() -> None:
    assert run("--plugin", "nosuch", "plugins").exit_code == 0
    assert "no plugin is called 'nosuch'" in run("--plugin", "nosuch", "flies").stderr


def test_beside_an_old_click_the_way_out_is_named() -> None:
    program = "import flowkit.cli as cli; cli.version = lambda name: '7.1.2'; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs click 8.1.3 or later, and 7.1.2 is installed, as fate-client" in done.stderr


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (("jbo", "list"), " Did you mean 'job'?"),
        (("job", "lits"), " Did you mean 'list'?"),
        (("cassete", "ls"), " Did you mean 'cassette'?"),
        (("xyzzy",), ""),
    ],
)
def test_a_misspelled_command_gets_a_suggestion(words: tuple[str, ...], suggestion: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    name = words[1] if suggestion.endswith("'list'?") else words[0]
    assert result.stderr.endswith(f"Error: No such command '{name}'.{suggestion}\n")


def test_a_key_that_fate_does_not_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    conf = tmp_path / "conf.json"
    conf.write_text('{"initator": {}}')
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        result = run("job", "submit", "-c", str(conf), plugins=(Server(envelope({})),))
    assert result.exit_code == 0
    note = "Note: conf_path: FATE reads no 'initator'; did you mean 'initiator'?"
    assert result.stderr.splitlines() == [note]
