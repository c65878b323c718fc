"""The address with its origin, and the configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.call.address import Address
from flowkit.config import Config, read_config
from flowkit.doctor.configuration import examine_address, examine_file
from flowkit.doctor.finding import State


@pytest.mark.parametrize(
    ("origin", "state", "mended"),
    [
        ("the option --url", State.OK, False),
        ("the environment variable FLOWKIT_URL", State.OK, False),
        ("/etc/flowkit.toml, profile x", State.OK, False),
        ("the default", State.OK, True),
        ("the environment variable FLOWKIT_REDIRECT", State.WARNING, True),
    ],
)
def test_an_address_comes_with_its_origin(origin: str, state: State, mended: bool) -> None:
    (finding,) = examine_address(Address("https", "flow.example", 443, "/fate", origin))
    assert finding.text.startswith(f"https://flow.example:443/fate, from {origin}")
    assert (finding.state, bool(finding.mend)) == (state, mended)


def test_no_file_is_no_problem() -> None:
    (finding,) = examine_file(Config(None, None, {}, {}))
    assert (finding.state, finding.text) == (State.OK, "no configuration file")


@pytest.mark.parametrize(
    ("content", "mode", "warned"),
    [
        ("[plugin.auth]\nsecret_key = 's3cret'\n", 0o644, True),
        ("[plugin.auth]\nsecret_key = 's3cret'\n", 0o600, False),
        ("[plugin.cache]\nttl = 10\n", 0o644, False),
    ],
)
def test_credentials_that_others_can_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, mode: int, warned: bool
) -> None:
    file = tmp_path / "flowkit.toml"
    file.write_text(content)
    file.chmod(mode)
    monkeypatch.setenv("FLOWKIT_CONFIG", str(file))
    first, *more = examine_file(read_config())
    assert first.text == str(file)
    assert [finding.mend for finding in more] == ([f"chmod 600 {file}"] if warned else [])
    assert not any("s3cret" in finding.text for finding in (first, *more))
