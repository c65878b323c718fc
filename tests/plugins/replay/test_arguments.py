"""What `Replay` is given: refused where it cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowkit import ArgumentError
from flowkit_replay import Replay


@pytest.mark.parametrize("path", [None, "", 5])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(ArgumentError, match=f"path must be the path of a cassette, got {path!r}"):
        Replay(path)


@pytest.mark.parametrize("argument", ["match_on", "ignore", "without", "secrets"])
@pytest.mark.parametrize("value", ["limit", b"limit", 5])
def test_a_text_where_a_list_belongs_is_refused(argument: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=f"^{argument} must be a list of texts") as caught:
        Replay(tmp_path / "one.yaml", **{argument: value})
    assert ("limit" in str(caught.value)) is (argument != "secrets" and value != 5)
