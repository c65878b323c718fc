"""Bodies beside a cassette: by digest, checked, and swept when nothing names them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from flowkit import CassetteError
from flowkit_replay import Interaction
from flowkit_replay.cassette import files
from flowkit_replay.cassette.bodies import BodyWriter, sweep_bodies
from recorded import OK, interaction


def numbered(n: int = 0, body: bytes = OK) -> Interaction:
    """Return an interaction whose path holds its number."""
    return interaction(f"/v1/job/{n}", body)


def test_large_bodies_lie_beside_the_cassette_by_digest(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    held = [numbered(1, b"x" * 5000), numbered(2, b"x" * 5000), numbered(3)]
    files.write(path, held, large=1000)
    assert path.stat().st_size < 3000
    assert len(list((tmp_path / "one.yaml.bodies").iterdir())) == 1
    assert [one.decode() for one in files.read(path)] == [one.body for one in held]
    files.write(path, files.read(path)[2:])
    assert [p.name for p in tmp_path.iterdir()] == ["one.yaml"]


def test_a_body_that_was_changed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [numbered(1, b"x" * 5000)], large=1000)
    next((tmp_path / "one.yaml.bodies").iterdir()).write_bytes(b"other")
    with pytest.raises(CassetteError, match="was changed"):
        files.read(path)


def test_a_body_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    files.write(path, [numbered(1, b"x" * 5000)], large=1000)
    next((tmp_path / "one.yaml.bodies").iterdir()).unlink()
    with pytest.raises(CassetteError, match=r"lacks the body [0-9a-f]{64} beside it"):
        files.read(path)


def test_a_body_that_is_no_digest_opens_no_file(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    (tmp_path / "secret").write_text("out of reach")
    files.write(path, [numbered(1)])
    path.write_text(
        path.read_text().replace("Server:", "X-Flowkit-Body:").replace("- x", "- ../secret")
    )
    with pytest.raises(CassetteError, match=r"names a body '\.\./secret', which is not a digest"):
        files.read(path)


def test_a_body_that_was_given_up_leaves_no_file(tmp_path: Path) -> None:
    writer = BodyWriter(tmp_path / "bodies", 10)
    writer.write(b"x" * 11)
    writer.discard()
    assert list((tmp_path / "bodies").iterdir()) == []


def test_sweeping_spares_what_is_named_and_what_is_being_written(tmp_path: Path) -> None:
    folder = tmp_path / "one.yaml.bodies"
    writer = BodyWriter(folder, 10)
    writer.write(b"x" * 11)
    for name in ("named", "forgotten", ".abandoned"):
        (folder / name).write_text("")
    sweep_bodies(tmp_path / "one.yaml", ["named"])
    (writing,) = (place for place in folder.iterdir() if place.name != "named")
    assert writing.name.startswith(".")
    assert writer.finish() == (b"", folder / writer_digest(b"x" * 11))


def writer_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
