"""What a client is built of: from its arguments, the environment and the configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakes import Server
from flowkit import ArgumentError, FlowClient
from flowkit.call.address import Address
from flowkit.config import read_config
from flowkit.settings import ClientSettings, client_settings


def settings(**given: Any) -> ClientSettings:
    """Return the settings of a client that is given nothing else."""
    arguments: dict[str, Any] = dict.fromkeys(
        (
            "timeout", "retry", "server", "ca_certificates", "verify", "client_certificate",
            "client_key", "client_key_passphrase", "proxy", "connections", "profile",
        )
    )  # fmt: skip
    arguments |= {"plugins": (), "on_error": "raise", "strict": False, **given}
    return client_settings("https://flow.example", None, "v1", None, None, **arguments)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "flowkit.toml"
    path.write_text(
        'connections = 4\nproxy = "http://file.example:1"\nca_certificates = "ca.pem"\n'
        'client_certificate = "me.pem"\nclient_key = "/keys/me.key"\nverify = false\n'
    )
    monkeypatch.setenv("FLOWKIT_CONFIG", str(path))
    return path


def test_nothing_said_is_the_default() -> None:
    found = settings()
    assert (found.connections, found.proxy, found.certificates.verify) == (16, None, True)


def test_the_file_counts_and_its_paths_count_from_its_folder(file: Path) -> None:
    found = settings()
    assert found.connections == 4
    assert str(found.proxy) == f"the proxy http://file.example:1 (from {file})"
    assert found.certificates.trusted == str(file.parent / "ca.pem")
    assert found.certificates.client == str(file.parent / "me.pem")
    assert found.certificates.key == "/keys/me.key"
    assert found.certificates.verify is False


@pytest.mark.usefixtures("file")
def test_the_environment_counts_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "CONNECTIONS": "5", "PROXY": "env.example", "CA_CERTIFICATES": "e.pem", "VERIFY": "true",
        "CLIENT_CERTIFICATE": "ec.pem", "CLIENT_KEY": "ek.pem", "TIMEOUT": "2, 30",
        "CLIENT_KEY_PASSPHRASE": "s3cret", "SERVER": "1.11",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"FLOWKIT_{name}", value)
    found = settings()
    assert (found.connections, found.server) == (5, "1.11")
    assert (found.timeout.connect_timeout, found.timeout.read_timeout) == (2.0, 30.0)
    assert found.proxy is not None
    assert found.proxy.url == "http://env.example:3128"
    assert (found.certificates.trusted, found.certificates.verify) == ("e.pem", True)
    assert (found.certificates.client, found.certificates.key) == ("ec.pem", "ek.pem")
    assert "s3cret" not in repr(found)


@pytest.mark.usefixtures("file")
def test_the_program_counts_before_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PROXY", "env.example")
    found = settings(connections=7, proxy="", verify=True, client_certificate="p.pem")
    assert (found.connections, found.proxy, found.certificates.verify) == (7, None, True)
    assert (found.certificates.client, found.certificates.key) == ("p.pem", None)


@pytest.mark.parametrize("number", [0, -1, True, "4", 10_001, 10**9])
def test_connections_are_a_number(number: Any) -> None:
    with pytest.raises(ArgumentError, match="connections must be a number from 1"):
        settings(connections=number)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FLOWKIT_CONNECTIONS", "many"),
        ("FLOWKIT_VERIFY", "perhaps"),
        ("FLOWKIT_TIMEOUT", "soon"),
    ],
)
def test_a_variable_that_cannot_be_understood_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ArgumentError, match=f"{variable} must be .*, got '{value}'"):
        settings()


def test_a_password_shows_in_no_setting_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_PROXY", "http://ann:hunter22@proxy.example:3128")
    assert "hunter22" not in repr(settings())
    assert read_config().effective()["proxy"].value == "http://ann:***@proxy.example:3128"
    assert "hunter22" not in repr(read_config())


def test_a_client_is_built_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_TIMEOUT", "7")
    flow = FlowClient(Address.parse("flow.example", None), plugins=[Server()])
    assert flow.options["timeout"].read_timeout == 7.0


@pytest.mark.parametrize(
    ("argument", "value", "says"),
    [
        ("timeout", (1, 2, 3), "a pair"),
        ("timeout", (), "a pair"),
        ("timeout", float("nan"), "above 0"),
        ("timeout", float("inf"), "above 0"),
        ("timeout", (1, 1e300), "above 0"),
        ("timeout", -1, "above 0"),
        ("timeout", "5", "above 0"),
        ("on_error", "ignore", "'raise' or 'reply'"),
        ("plugins", "logging", r'such as \["logging"\]'),
        ("plugins", 5, "a list of names"),
        ("plugins", [None], "a list of names"),
        ("retry", 3, r"a flowkit\.Retry"),
        ("version", None, "must be 'v1'"),
        ("version", "", "must be 'v1'"),
        ("server", 1.11, "such as '1.11', or 'auto'"),
        ("verify", "ca.pem", "goes into ca_certificates"),
        ("strict", "yes", "True or False"),
        ("clock", 5, "now, monotonic and sleep"),
        ("ca_certificates", 5, "the path of a file"),
        ("ca_certificates", "/tmp/\0", "the path of a file"),
        ("client_certificate", b"me.pem", "the path of a file"),
        ("proxy", 5, "must be a text"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(argument: str, value: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        FlowClient("https://flow.example", **{argument: value})
    assert argument in str(caught.value)


@pytest.mark.parametrize("name", ["ca_certificates", "client_certificate"])
def test_a_file_that_cannot_be_used_is_named_with_where_it_was_set(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"FLOWKIT_{name.upper()}"
    monkeypatch.setenv(variable, "/no/such.pem")
    says = rf"{name}: /no/such\.pem .*\(set by the environment variable {variable}\)"
    with pytest.raises(ArgumentError, match=says):
        FlowClient("https://flow.example")


@pytest.mark.parametrize("name", ["ca_certificates", "client_certificate", "client_key"])
def test_what_is_no_path_is_refused_where_it_would_not_be_read_too(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name} must be the path of a file, got 5"):
        FlowClient("http://flow.example", **{name: 5})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("timeout", float("inf"), "timeout must be seconds above 0"),
        ("deadline", "x", "deadline must be seconds, 0 or more: got 'x'"),
        ("deadline", float("nan"), "deadline must be seconds"),
        ("deadline", -1, "deadline must be seconds"),
        ("retry", 3, r"retry must be a flowkit\.Retry, got 3"),
        ("on_error", "ignore", "on_error must be 'raise' or 'reply', got 'ignore'"),
    ],
)
def test_options_that_cannot_be_used_are_named(option: str, value: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        FlowClient("flow.example").with_options(**{option: value})


def signing(flow: FlowClient) -> bool:
    return flow.hooks.get("auth") is not None


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"app_key": "me"}, "secret_key"), ({"secret_key": "s3cret"}, "app_key")],
)
def test_half_of_the_credentials_is_refused(given: dict[str, str], missing: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{missing} is missing beside") as caught:
        FlowClient("flow.example", **given)  # type: ignore[arg-type]
    assert "s3cret" not in str(caught.value)
    with pytest.raises(ArgumentError, match=f"^{missing} is missing beside"):
        FlowClient("flow.example", **{"app_key": "", "secret_key": "", **given})  # type: ignore[arg-type]


def test_the_other_half_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_SECRET_KEY", "s3cret")
    assert signing(FlowClient("flow.example", app_key="me"))


def test_half_of_the_credentials_in_file_or_environment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "auth")
    monkeypatch.setenv("FLOWKIT_APP_KEY", "me")
    with pytest.raises(ArgumentError, match=r"secret_key is missing .* FLOWKIT_PLUGINS"):
        FlowClient("flow.example")
    monkeypatch.delenv("FLOWKIT_PLUGINS")
    monkeypatch.delenv("FLOWKIT_APP_KEY")
    file = tmp_path / "flowkit.toml"
    file.write_text('plugins = ["auth"]\n[plugin.auth]\nsecret_key = "s3cret"\n')
    monkeypatch.setenv("FLOWKIT_CONFIG", str(file))
    with pytest.raises(
        ArgumentError, match=f"app_key is missing beside secret_key, which {file} enables"
    ):
        FlowClient("flow.example")
    monkeypatch.setenv("FLOWKIT_APP_KEY", "me")
    assert signing(FlowClient("flow.example"))
