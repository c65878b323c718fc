"""Stumbling like the server, in the words of its Python."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, server_texts


@pytest.mark.parametrize(
    ("document", "stumble", "text"),
    [
        ({}, lambda found: found["host"], "'host'"),
        ([], lambda found: found[1], "list index out of range"),
        ("x", lambda found: found["y"], "string indices must be integers"),
        (
            None,
            int,
            "int() argument must be a string, a bytes-like object or a number, not 'NoneType'",
        ),
        (None, lambda found: 1 in found, "argument of type 'NoneType' is not iterable"),
        (None, lambda found: found.get(1), "'NoneType' object has no attribute 'get'"),
    ],
)
def test_a_stumble_answers_with_its_text(document: Any, stumble: Any, text: str) -> None:
    with pytest.raises(DslError) as caught, server_texts():
        stumble(document)

    assert caught.value.retmsg == text
    assert caught.value.retcode == 100


def test_a_refusal_passes_through() -> None:
    refusal = DslError("no")

    with pytest.raises(DslError) as caught, server_texts():
        raise refusal

    assert caught.value is refusal


def test_other_failures_are_not_the_documents_fault() -> None:
    with pytest.raises(ZeroDivisionError), server_texts():
        _ = 1 / 0
