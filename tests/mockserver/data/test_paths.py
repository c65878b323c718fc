"""Which files of this machine a request may name."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


def test_a_file_is_copied(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("1,2\n")

    PathPolicy([tmp_path]).copy("in/a.csv", tmp_path / "copy")

    assert (tmp_path / "copy").read_text() == "1,2\n"


def test_a_pipe_a_device_and_a_directory_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    policy = PathPolicy([tmp_path, Path("/dev")])

    for text in (str(tmp_path / "pipe"), "/dev/zero", str(tmp_path)):
        with pytest.raises(Refusal, match="is not a regular file"):
            policy.copy(text, tmp_path / "copy")
    for text in (str(tmp_path / "pipe"), "/dev/null"):
        with pytest.raises(Refusal, match="is not a regular file"):
            policy.write(text, ["x"])


def test_a_link_that_is_put_into_a_path_after_it_was_looked_at_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    for folder in (allowed / "in", outside):
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text(folder.name)
    policy = PathPolicy([allowed])
    located = policy._locate(str(allowed / "in" / "a.csv"))
    monkeypatch.setattr(policy, "_locate", lambda text: located)
    (allowed / "in").rename(allowed / "before")
    (allowed / "in").symlink_to(outside)

    with pytest.raises(Refusal):
        policy.copy("in/a.csv", tmp_path / "copy")
    with pytest.raises(Refusal):
        policy.write("in/a.csv", ["x"])

    (allowed / "in").unlink()
    (allowed / "before").rename(allowed / "in")
    (allowed / "in" / "a.csv").unlink()
    (allowed / "in" / "a.csv").symlink_to(outside / "a.csv")

    with pytest.raises(Refusal):
        policy.copy("in/a.csv", tmp_path / "copy")
    assert (outside / "a.csv").read_text() == "outside"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("12345")

    with pytest.raises(Refusal, match="larger than 4 bytes"):
        PathPolicy([tmp_path], max_bytes=4).copy("a.csv", tmp_path / "copy")


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "1\n"
        raise OSError("the disk is full")

    (tmp_path / "out.csv").write_text("old")
    policy = PathPolicy([tmp_path])

    with pytest.raises(OSError, match="full"):
        policy.write("out.csv", lines())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out.csv": "old"}

    policy.write("out.csv", ["1\n", "2\n"])
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out.csv": "1\n2\n"}


def test_a_directory_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No such file or directory"):
        PathPolicy([tmp_path]).write("none/out.csv", ["x"])
