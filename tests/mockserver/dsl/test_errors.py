"""Stumbling like the server, in the words of its Python."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, server_texts


@pytest.mark.parametrize(
    ("stumble", "text"),
    [
        (lambda: {}["host"], "'host'"),
        (lambda: [][1], "list index out of range"),
        (lambda: "x"["y"], "string indices must be integers"),
        (
            lambda: int(None),  # type: ignore[call-overload]
            "int() argument must be a string, a bytes-like object or a number, not 'NoneType'",
        ),
        (lambda: 1 in None, "argument of type 'NoneType' is not iterable"),  # type: ignore[operator]
        (lambda: None.get("x"), "'NoneType' object has no attribute 'get'"),  # type: ignore[attr-defined]
    ],
)
def test_a_stumble_answers_with_its_text(stumble: Any, text: str) -> None:
    with pytest.raises(DslError) as caught, server_texts():
        stumble()

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
