"""Cassette files: whole or not there, refused when cut off, and nothing in them lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import CassetteError
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
from flowkit_replay.cassette.atomic import lock_file
from flowkit_replay.cassette.recording import Recording
from recorded import OK, interaction


def numbered(n: int = 0, body: bytes = OK) -> Interaction:
    """Return an interaction whose path holds its number."""
    return interaction(f"/v1/job/{n}", body)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "one.yaml"
    held = [numbered(1), numbered(2, b"\x00\xff binary"), numbered(3, b"")]
    files.write(path, held)
    assert files.read(path) == held
    assert [p.name for p in path.parent.iterdir()] == ["one.yaml"]


@pytest.mark.parametrize(
    "text", ["- a list", "interactions: 3", "{unclosed", "interactions: [{request: 1}]"]
)
def test_what_is_no_cassette_is_reported_as_such(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text)
    with pytest.raises(CassetteError, match=r"one\.yaml is not a cassette"):
        files.read(path)


def test_a_missing_cassette_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"there is no cassette .*none\.yaml"):
        files.read(tmp_path / "none.yaml")


def test_what_the_disk_refuses_is_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match=r"cassette .*one\.yaml cannot be written: "):
        Recording(tmp_path / "file" / "one.yaml")
    with pytest.raises(CassetteError, match=r"cannot be written: "):
        files.write(tmp_path / "file" / "one.yaml", [])


def write_numbered(path: Path, count: int, **settings: object) -> str:
    files.write(path, [numbered(n) for n in range(count)], **settings)  # type: ignore[arg-type]
    return path.read_text()


@pytest.mark.parametrize("version", ["2", "0", "'1.1'", "null"])
def test_an_unknown_version_is_refused(tmp_path: Path, version: str) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(write_numbered(path, 2).replace("version: 1", f"version: {version}"))
    with pytest.raises(CassetteError, match=r"its version is .*, and only 1 is known"):
        files.read(path)


def test_a_file_is_refused_wherever_it_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    text = write_numbered(path, 3)
    for end in range(1, len(text) - 1):
        path.write_text(text[:end])
        with pytest.raises(CassetteError, match=r"cut off|is not a cassette"):
            files.read(path)


def test_a_recording_goes_on_behind_the_whole_interactions_of_a_cut_file(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    text = write_numbered(path, 3)
    third = text.index("- request:", text.index("/v1/job/1"))
    for end, whole in ((third - 1, 1), (third, 2), (third + 40, 2), (len(text) - 11, 3)):
        path.write_text(text[:end])
        held = files.read(path, cut=True)
        assert (held.cut, held) == (True, [numbered(n) for n in range(whole)])


def test_a_cut_file_names_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(write_numbered(path, 2).removesuffix("version: 1\n"))
    with pytest.raises(CassetteError, match=r"'version: 1', is missing .* mode 'new_episodes'"):
        files.read(path)


def test_metadata_and_other_top_level_keys_survive(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    extra = {"metadata": {"by": "Ada", "runs": [1, 2]}, "recorded_with": "VCR"}
    write_numbered(path, 2, extra=extra)
    held = files.read(path)
    assert held.extra == extra
    files.write(path, held)
    assert files.read(path).extra == extra


@pytest.mark.parametrize("extra", [{}, {"metadata": {"by": "Ada"}}])
def test_a_large_cassette_is_parsed_as_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: dict[str, object]
) -> None:
    path = tmp_path / "one.yaml"
    write_numbered(path, 5, extra=extra)
    at_once = files.read(path)
    monkeypatch.setattr(files, "MOST_AT_ONCE", 3)
    lazy = files.read(path)
    assert (at_once.loaded, lazy.loaded) == (True, False)
    assert lazy.extra == extra
    assert lazy[3] == numbered(3)
    assert not lazy.loaded
    assert lazy == at_once


def test_a_large_cassette_is_refused_for_the_same_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_AT_ONCE", 3)
    path = tmp_path / "one.yaml"
    text = write_numbered(path, 6)
    for changed, message in (
        (text.replace("version: 1", "version: 7"), "its version is 7"),
        (text.removesuffix("version: 1\n"), "cut off"),
        (text.replace("  response:", "  answer:", 1), "interaction 1 has no response"),
        (text.replace("- request:", "- {", 1), "is not a cassette"),
    ):
        path.write_text(changed)
        with pytest.raises(CassetteError, match=message):
            files.read(path)


def test_what_a_killed_save_left_is_swept_unless_it_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    abandoned, written = tmp_path / ".one.yaml.abc123_z", tmp_path / ".one.yaml.qwertz12"
    others = [tmp_path / ".two.yaml.abc123_z", tmp_path / ".one.yaml.notes"]
    for file in (abandoned, written, *others):
        file.write_text("half")
    with written.open() as held:
        assert lock_file(held.fileno())
        files.write(path, [numbered()])
    assert sorted(tmp_path.iterdir()) == sorted([path, written, *others])
