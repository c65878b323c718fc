"""Files on their way in."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit_mockserver.wire.spool import SpooledFile


def test_a_file_nobody_takes_vanishes_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    SpooledFile(path).close()

    assert not path.exists()


def test_a_file_that_is_taken_stays_with_all_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = SpooledFile(path)
    file.write(b"rows")

    assert file.take().read_bytes() == b"rows"
    with pytest.raises(ValueError, match="taken already"):
        file.take()
    file.close()
    assert path.exists()
