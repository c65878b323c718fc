"""``flowkit init``: address and keys in flowkit's own configuration file."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from flowkit import FlowClient
from terminal import run


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config" / "flowkit.toml"
    monkeypatch.setenv("FLOWKIT_CONFIG", str(file))
    return file


def content(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def init(*words: str) -> Result:
    result = run("init", *words)
    assert result.exit_code == 0, result.output
    return result


def test_an_address_is_kept_and_counts(file: Path) -> None:
    result = init("--ip", "10.0.0.7", "--port", "9381")
    assert json.loads(result.stdout) == {
        "retcode": 0,
        "retmsg": f"kept in {file}",
        "url": "http://10.0.0.7:9381",
    }
    assert content(file) == {"url": "http://10.0.0.7:9381"}
    assert FlowClient().address.origin == "http://10.0.0.7:9381"


def test_a_port_alone_changes_the_port(file: Path) -> None:
    init("--ip", "10.0.0.7")
    init("--port", "9381")
    assert content(file) == {"url": "http://10.0.0.7:9381"}


def test_a_url_keeps_its_scheme_and_path(file: Path) -> None:
    init("--ip", "https://gateway.example/fate")
    assert content(file) == {"url": "https://gateway.example:443/fate"}


def test_a_service_conf_brings_address_and_keys(file: Path, tmp_path: Path) -> None:
    conf = tmp_path / "service_conf.yaml"
    conf.write_text(
        "fateflow: {host: 10.0.0.7, http_port: 9380, http_app_key: a, http_secret_key: s3cret}\n"
    )
    result = init("-c", str(conf), "--ip", "ignored")
    assert content(file) == {
        "url": "http://10.0.0.7:9380",
        "plugins": ["auth"],
        "plugin": {"auth": {"app_key": "a", "secret_key": "s3cret"}},
    }
    assert "s3cret" not in result.output


def test_the_file_is_its_owner_s_alone(file: Path) -> None:
    init("--ip", "h", "--app-key", "a", "--secret-key", "b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_else_the_file_holds_stays(file: Path) -> None:
    file.parent.mkdir()
    before = '# ours\nplugins = ["cache"] # fast\n\n[plugin.cache]\nttl = 10\n'
    file.write_text(before)
    init("--ip", "h", "--app-key", "a", "--secret-key", "b")
    assert content(file)["plugins"] == ["cache", "auth"]
    assert content(file)["plugin"]["cache"] == {"ttl": 10}
    assert "# ours" in file.read_text()
    init("--reset")
    assert content(file)["plugins"] == ["cache"]
    assert content(file)["plugin"]["cache"] == {"ttl": 10}
    assert "url" not in content(file)
    assert "secret_key" not in file.read_text()


def test_without_an_address_nothing_is_written(file: Path) -> None:
    result = run("init")
    assert result.exit_code == 2
    assert "--ip is missing" in result.stderr
    assert not file.exists()


def test_one_key_is_not_enough(file: Path) -> None:
    result = run("init", "--ip", "h", "--app-key", "a")
    assert result.exit_code == 2
    assert "the two keys belong together" in result.stderr
    assert not file.exists()


def test_a_file_that_is_no_toml_stays_as_it_is(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("url = ")
    assert run("init", "--ip", "h").exit_code == 2
    assert file.read_text() == "url = "


def test_what_counts_before_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWKIT_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "flowkit.toml").write_text("server = '1.6'\n")
    monkeypatch.chdir(project)
    result = run("init", "--ip", "h", FLOWKIT_URL="http://other")
    assert (tmp_path / "home/.config/flowkit/flowkit.toml").is_file()
    assert f"{project / 'flowkit.toml'} counts in its place" in result.stderr
    assert "FLOWKIT_URL is set" in result.stderr
