"""Which files of this machine a request may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.errors import Refusal


def test_nothing_is_allowed_unless_it_was_said() -> None:
    with pytest.raises(Refusal, match="--allow-path /etc"):
        PathPolicy(()).locate("/etc/passwd")


def test_a_path_below_an_allowed_directory_is_found(tmp_path: Path) -> None:
    policy = PathPolicy([tmp_path])

    assert policy.locate(str(tmp_path / "data" / "a.csv")) == tmp_path / "data" / "a.csv"


def test_a_relative_path_starts_at_the_first_allowed_directory(tmp_path: Path) -> None:
    assert PathPolicy([tmp_path, Path("/")]).locate("a.csv") == tmp_path / "a.csv"


@pytest.mark.parametrize("text", ["../a.csv", "data/../../a.csv", "/etc/passwd", "", "."])
def test_dots_do_not_lead_out(tmp_path: Path, text: str) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()

    if text in ("", "."):
        assert PathPolicy([allowed]).locate(text) == allowed
    else:
        with pytest.raises(Refusal):
            PathPolicy([allowed]).locate(text)


def test_a_symbolic_link_does_not_lead_out(tmp_path: Path) -> None:
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    allowed.mkdir()
    outside.mkdir()
    (allowed / "link").symlink_to(outside)

    with pytest.raises(Refusal):
        PathPolicy([allowed]).locate(str(allowed / "link" / "a.csv"))


def test_a_sibling_with_the_same_beginning_is_not_below(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        PathPolicy([tmp_path / "data"]).locate(str(tmp_path / "data2" / "a.csv"))


def test_what_is_no_path_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="not a path"):
        PathPolicy([tmp_path]).locate("a\0b")
