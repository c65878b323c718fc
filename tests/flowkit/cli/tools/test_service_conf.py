"""service_conf.yaml, the server's own configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import ArgumentError
from flowkit.cli.tools.service_conf import ServiceConf, read_service_conf

CONF = """
fateflow:
  host: 10.0.0.7
  http_port: 9380
  http_app_key:
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "service_conf.yaml"
    path.write_text(CONF)
    return path


def test_the_address_is_fateflow_s(path: Path) -> None:
    assert read_service_conf(path) == ServiceConf("10.0.0.7", 9380)


def test_a_local_file_counts_before_it(path: Path) -> None:
    path.with_name("local.service_conf.yaml").write_text(CONF.replace("10.0.0.7", "10.0.0.8"))
    assert read_service_conf(path).host == "10.0.0.8"


def test_keys_stand_with_the_server_or_under_authentication(path: Path) -> None:
    path.write_text(f"{CONF.rstrip()} a\n  http_secret_key: b\n")
    assert read_service_conf(path) == ServiceConf("10.0.0.7", 9380, "a", "b")
    client = "switch: true, http_app_key: c, http_secret_key: d"
    path.write_text(f"{CONF}authentication:\n  client: {{{client}}}\n")
    found = read_service_conf(path)
    assert (found.app_key, found.secret_key) == ("c", "d")
    assert "d" not in repr(found).split("app_key='c'")[1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("- a list", "is no service_conf.yaml"),
        ("a: [", "cannot be read"),
        ("fateflow: {host: x}", "has no fateflow.host and fateflow.http_port"),
    ],
)
def test_what_cannot_be_used_is_named(path: Path, content: str, reason: str) -> None:
    path.write_text(content)
    with pytest.raises(ArgumentError, match=reason):
        read_service_conf(path)
