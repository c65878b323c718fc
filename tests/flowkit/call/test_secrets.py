"""What is a secret, by name and by form."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit import ArgumentError
from flowkit.call.secrets import MASK, is_secret_name, mask, mask_text
from flowkit.inputs.arguments import text


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "passwd", "pwd", "secret_key", "secretKey", "app-key", "APP_KEY",
     "api_key", "access_key_id", "private-key", "Authorization", "Cookie", "Set-Cookie", "x-auth",
     "token", "access_token", "signature", "credentials", "password2", "password_hash"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["job_id", "key", "keyword", "author", "tokens_per_second", "encrypt_key_length", ""]
)
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": 1, "password": "hush"}, {"a": 1, "password": MASK}),
        ([{"nested": {"token": "hush"}}], [{"nested": {"token": MASK}}]),
        (("x", 1.5, None, True), ["x", 1.5, None, True]),
        ({"address": "mysql://ann:hush@db/fate"}, {"address": f"mysql://ann:{MASK}@db/fate"}),
    ],
)
def test_values_are_masked_to_any_depth(value: Any, shown: Any) -> None:
    assert mask(value) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("user=ann&password=hush&n=1", f"user=ann&password={MASK}&n=1"),
        ("{'secret_key': 'hush'}", f"{{'secret_key': '{MASK}'}}"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {MASK}"),
        ("key AKIAABCDEFGHIJKLMNOP here", f"key {MASK} here"),
        ("202106010203040506070", "202106010203040506070"),
        ("the job failed: no such table", "the job failed: no such table"),
    ],
)
def test_texts_are_masked_by_their_form(said: str, shown: str) -> None:
    assert mask_text(said) == shown


def test_a_long_text_is_cut_off_on_request() -> None:
    assert mask("x" * 30, longest=10) == "xxxxxxxxxx… (30 characters)"


def test_an_argument_error_shows_no_secret() -> None:
    with pytest.raises(ArgumentError) as caught:
        text("secret_key", ["hush"])
    assert "hush" not in str(caught.value)
