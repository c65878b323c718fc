"""Options of ``flowkit mock`` from the command line, the environment and the configuration file, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from flowkit_mockserver.command import mock
from flowkit_mockserver.options import ServiceCommand, settable, variable


@click.command(cls=ServiceCommand)
@click.option("--port", type=click.IntRange(0, 65535), default=9380)
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--allow-host", "allow_hosts", multiple=True)
@click.option("--allow-path", "paths", multiple=True, type=click.Path(path_type=Path))
@click.option("--quirks", is_flag=True)
def command(**values: Any) -> None:
    """Show what counts."""
    for name, value in values.items():
        click.echo(f"{name}={value!r}")


def run(*arguments: str, profile: str | None = None) -> Result:
    class Settings:
        pass

    settings: Any = Settings()
    settings.profile = profile
    parent = click.Context(click.Command("flowkit"), obj=settings)
    return CliRunner().invoke(command, arguments, parent=parent)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "flowkit.toml"
    path.touch()
    monkeypatch.setenv("FLOWKIT_CONFIG", str(path))
    return path


def test_an_option_counts_before_its_variable_and_that_before_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "port=9380" in run().output
    file.write_text("[mock]\nport = 1\n")
    assert "port=1" in run().output
    monkeypatch.setenv("FLOWKIT_MOCK_PORT", "2")
    assert "port=2" in run().output
    assert "port=3" in run("--port", "3").output


def test_a_file_has_lists_switches_and_paths_that_count_from_its_folder(file: Path) -> None:
    file.write_text(
        "[mock]\nallow_host = ['a', 'b']\nquirks = true\ndata = 'state'\nallow_path = ['/x', 'y']\n"
    )
    output = run().output
    assert "allow_hosts=('a', 'b')" in output
    assert "quirks=True" in output
    assert f"data={file.parent / 'state'!r}" in output
    assert f"paths=({Path('/x')!r}, {file.parent / 'y'!r})" in output


def test_one_value_stands_for_a_list_of_one(file: Path) -> None:
    file.write_text("[mock]\nallow_host = 'fate-mock'\n")
    assert "allow_hosts=('fate-mock',)" in run().output


def test_variables_have_lists_and_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_MOCK_ALLOW_HOST", "a b")
    monkeypatch.setenv("FLOWKIT_MOCK_QUIRKS", "true")
    output = run().output
    assert "allow_hosts=('a', 'b')" in output
    assert "quirks=True" in output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "mock.prot is no option of flowkit mock; did you mean 'port'?"),
        ("port = 99999", "(set by the table mock of the configuration file)"),
        ("port = true", "mock.port must be a text or a number, got bool"),
        ("port = [1]", "mock.port must be a text or a number, got list"),
        ("quirks = 'yes'", "mock.quirks must be true or false, got str"),
        ("allow_host = [['a']]", "or a list of such, got list"),
    ],
)
def test_what_a_file_says_wrongly_is_refused_by_name(file: Path, text: str, message: str) -> None:
    file.write_text(f"[mock]\n{text}\n")
    result = run()
    assert result.exit_code == 2
    assert message in result.output


def test_a_misspelled_variable_is_refused_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_MOCK_PROT", "1")
    result = run()
    assert result.exit_code == 2
    assert "FLOWKIT_MOCK_PROT is no option of flowkit mock; did you mean FLOWKIT_MOCK_PORT?" in (
        result.output
    )


def test_what_kubernetes_says_of_a_service_is_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT_9380_TCP", "PORT_9380_TCP_ADDR"):
        monkeypatch.setenv(f"FLOWKIT_MOCK_{name}", "x")
    assert run().exit_code == 0

    monkeypatch.setenv("FLOWKIT_MOCK_PORT", "tcp://10.0.0.1:9380")
    result = run()
    assert result.exit_code == 2
    assert "enableServiceLinks: false" in result.output


def test_a_file_that_cannot_be_read_is_said_so(file: Path) -> None:
    file.write_text("[mock")
    result = run()
    assert result.exit_code == 2
    assert f"{file} cannot be read" in result.output


def test_a_profile_has_options_of_its_own(file: Path) -> None:
    file.write_text(
        "[mock]\nport = 1\nquirks = true\n[profiles.ci]\nurl = 'http://x'\n[profiles.ci.mock]\nport = 2\n"
    )
    output = run(profile="ci").output
    assert "port=2" in output
    assert "quirks=True" in output


def test_every_option_of_the_mock_has_a_variable_that_its_help_names() -> None:
    text = "".join(CliRunner().invoke(mock, ["--help"]).output.split())
    names = [name for name, _ in settable(mock)]
    assert len(names) == len(mock.params)
    for name in names:
        assert variable(name) in text
