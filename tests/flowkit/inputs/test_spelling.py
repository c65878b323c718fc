"""What may have been meant by a name that is not known."""

from __future__ import annotations

import pytest

from flowkit.inputs.spelling import nearest


@pytest.mark.parametrize(
    ("word", "known", "likeness", "found"),
    [
        ("timout", ("url", "timeout", "proxy"), 0.0, "timeout"),
        ("xyz", ("url", "timeout"), 0.5, ""),
        ("url", (), 0.0, ""),
    ],
)
def test_the_nearest_is_the_most_alike_and_alike_enough(
    word: str, known: tuple[str, ...], likeness: float, found: str
) -> None:
    assert nearest(word, known, likeness) == found
