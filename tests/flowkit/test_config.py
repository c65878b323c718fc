"""The configuration file: where it is looked for, what it may say, and what counts before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import ArgumentError, FlowClient
from flowkit.config import read_config

FILE = """
url = "http://filed:1234"
server = "1.11"
timeout = [1, 2]

[plugin.cache]
ttl = 10

[profiles.cluster]
url = "https://cluster/fate"
plugins = []

[profiles.cluster.plugin.cache]
largest = 5
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("FLOWKIT_URL", "FLOWKIT_PLUGINS", "FLOWKIT_CONFIG", "FLOWKIT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    return project


def test_without_a_file_the_defaults_count() -> None:
    assert read_config().path is None
    assert FlowClient().address.host == "127.0.0.1"


def test_the_file_is_found_above_the_current_directory(here: Path) -> None:
    (here / "flowkit.toml").write_text(FILE)
    flow = FlowClient()
    assert (flow.address.host, flow.port, flow.server) == ("filed", 1234, "1.11")
    assert flow.options["timeout"].read_timeout == 2
    assert str(here / "flowkit.toml") in str(flow.address)


def test_a_project_ends_at_its_repository(here: Path) -> None:
    (here.parent / "flowkit.toml").write_text(FILE)
    assert read_config().path is None


def test_pyproject_may_hold_the_settings(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.flowkit]\nurl = 'http://project'\n")
    assert FlowClient().address.host == "project"


def test_a_pyproject_of_others_is_not_even_parsed(here: Path) -> None:
    (here / "pyproject.toml").write_text("this is = = not toml")
    assert read_config().path is None


def test_the_users_own_file_comes_last(tmp_path: Path) -> None:
    folder = tmp_path / "home/.config/flowkit"
    folder.mkdir(parents=True)
    (folder / "flowkit.toml").write_text("url = 'http://mine'")
    assert FlowClient().address.host == "mine"


def test_a_file_can_be_named_or_forbidden(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "flowkit.toml").write_text(FILE)
    (here / "other.toml").write_text("url = 'http://other'")
    monkeypatch.setenv("FLOWKIT_CONFIG", str(here / "other.toml"))
    assert FlowClient().address.host == "other"
    monkeypatch.setenv("FLOWKIT_CONFIG", "")
    assert FlowClient().address.host == "127.0.0.1"


def test_arguments_count_first_then_the_environment_then_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "flowkit.toml").write_text(FILE)
    monkeypatch.setenv("FLOWKIT_URL", "http://environment")
    assert FlowClient("argument", server="1.6").server == "1.6"
    assert FlowClient("argument").address.host == "argument"
    assert FlowClient().address.host == "environment"


def test_a_profile_is_laid_over_the_rest(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "flowkit.toml").write_text(FILE)
    flow = FlowClient(profile="cluster")
    assert (flow.address.scheme, flow.address.host, flow.server) == ("https", "cluster", "1.11")
    monkeypatch.setenv("FLOWKIT_PROFILE", "cluster")
    config = read_config()
    assert config.arguments("cache") == {"ttl": 10, "largest": 5}


def test_every_value_knows_its_origin(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "flowkit.toml").write_text(FILE)
    monkeypatch.setenv("FLOWKIT_PLUGINS", "logging")
    path = here / "flowkit.toml"
    origins = {name: one.origin for name, one in read_config("cluster").effective().items()}
    assert origins == {
        "url": f"{path}, profile cluster",
        "server": str(path),
        "timeout": str(path),
        "plugins": f"{path}, profile cluster, then the environment variable FLOWKIT_PLUGINS",
        "plugin.cache.ttl": str(path),
        "plugin.cache.largest": f"{path}, profile cluster",
    }


def test_arguments_reach_a_plugin_that_is_enabled_by_name(here: Path) -> None:
    (here / "flowkit.toml").write_text(FILE)
    (choice,) = read_config().choices(["cache"])
    assert choice.options == {"ttl": 10}
    assert choice.demanded


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("urls = 'x'", "'urls' is not a setting; did you mean 'url'"),
        ("url = 7", "url must be str, got 7"),
        ("timeout = true", "timeout must be"),
        ("plugins = [1]", "plugins must be names"),
        ("plugin.cache = 1", r"plugin.cache must be a table"),
        ("url = ", "cannot be read"),
        (f"url = {'[' * 3000}", "is nested too deeply"),
        (f"connections = {'[' * 50}0x{'f' * 5000}{']' * 50}", "connections must be int"),
        (f"timeout = true\nx = {'9' * 5000}", "cannot be read"),
        (f"url = 0x{'f' * 5000}", "url must be str, got a number of thousands of digits"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_file(here: Path, text: str, says: str) -> None:
    (here / "flowkit.toml").write_text(text)
    with pytest.raises(ArgumentError, match=says) as caught:
        FlowClient()
    assert "flowkit.toml" in str(caught.value)


def test_an_unknown_profile_is_refused_with_the_nearest(here: Path) -> None:
    with pytest.raises(ArgumentError, match=r"no flowkit\.toml was found"):
        FlowClient(profile="cluster")
    (here / "flowkit.toml").write_text(FILE)
    with pytest.raises(ArgumentError, match="no profile 'clutser'; did you mean 'cluster'"):
        FlowClient(profile="clutser")


@pytest.fixture
def deleted_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a directory that has been deleted."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()


@pytest.mark.usefixtures("deleted_directory")
def test_where_the_current_directory_has_been_deleted_there_is_no_file_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FLOWKIT_CONFIG", raising=False)
    assert read_config().path is None


def test_where_nobody_has_a_home_there_is_no_file_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("FLOWKIT_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "expanduser", fail)
    assert read_config().path is None
    monkeypatch.setenv("FLOWKIT_CONFIG", "~/flowkit.toml")
    with pytest.raises(ArgumentError, match=r"FLOWKIT_CONFIG: '~/flowkit\.toml': Could not"):
        read_config()


def test_options_of_the_mock_are_kept_for_its_command_and_shown_without_secrets(here: Path) -> None:
    (here / "flowkit.toml").write_text(
        "[mock]\nport = 1\ndatabase = 'postgresql://me:s3cret@db/flow'\ntoken = 'abc'\n"
        "[profiles.ci.mock]\nport = 2\n"
    )
    config = read_config("ci")
    assert config.mock["port"].value == 2
    shown = config.effective()
    assert shown["mock.port"].value == 2
    assert shown["mock.database"].value == "postgresql://me:***@db/flow"
    assert "abc" not in str(shown["mock.token"].value)
    assert "s3cret" not in repr(config)


def test_the_options_of_the_mock_stand_in_a_table(here: Path) -> None:
    (here / "flowkit.toml").write_text("mock = 9380\n")
    with pytest.raises(ArgumentError, match="mock must be a table, got int"):
        read_config()
