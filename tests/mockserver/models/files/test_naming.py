"""The names of folders of models since 1.9: a value that makes none fails in the words of Python."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.models.files.naming import check_folder, check_party_model


def test_texts_make_a_folder() -> None:
    check_folder("guest", 9999, "guest-9999#model", "202611280945573373840")
    check_party_model("guest#9999#guest-9999#model")


@pytest.mark.parametrize(
    ("role", "model_id", "version", "error", "said"),
    [
        ("guest", None, "1", AttributeError, "'NoneType' object has no attribute 'split'"),
        ("guest", "", "1", AttributeError, "'NoneType' object has no attribute 'split'"),
        ("guest", -1, "1", TypeError, "sequence item 2: expected str instance, int found"),
        (0, "m", "1", TypeError, "sequence item 0: expected str instance, int found"),
        ("guest", "m", 0, TypeError, "expected str, bytes or os.PathLike object, not int"),
        ("guest", "m", None, TypeError, "expected str, bytes or os.PathLike object, not NoneType"),
    ],
)
def test_what_makes_no_folder_is_refused(
    role: Any, model_id: Any, version: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as raised:
        check_folder(role, 9999, model_id, version)
    assert str(raised.value) == said


def test_a_party_model_has_three_parts() -> None:
    with pytest.raises(ValueError, match=r"expected 3, got 2"):
        check_party_model("guest#9999")
