"""The rules: what a credential looks like, by its name or by its own shape."""

from __future__ import annotations

import pytest

from flowkit_replay.secrets.rules import (
    RULES,
    Found,
    find_suspects,
    is_secret_name,
    may_hold_secret,
)


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "APP_KEY", "secretKey", "Authorization", "Set-Cookie", "token1"],
)
def test_names_of_credentials(name: str) -> None:
    assert is_secret_name(name)
    assert may_hold_secret(f'"{name}": 1')


@pytest.mark.parametrize("name", ["primary_key", "tokens", "secretary", "author", "key", "f_role"])
def test_names_that_only_sound_alike(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("rule", "text", "clean", "taken"),
    [
        ("fields", '{"password": 5, "a": 1}', '{"password": "<scrubbed>", "a": 1}', ["5"]),
        ("fields", "{'token': 'ab'}", "{'token': '<scrubbed>'}", ["ab"]),
        ("query", "a=1&token=x%20y", "a=1&token=<scrubbed>", ["x y"]),
        ("query", "login failed: password=ab", "login failed: password=<scrubbed>", ["ab"]),
        ("users", "http://ann:pw@h/", "http://<scrubbed>@h/", ["ann:pw"]),
        ("shapes", "Bearer abcdef123", "Bearer <scrubbed>", ["abcdef123"]),
        ("headers", "anything", "anything", []),
    ],
)
def test_each_rule_takes_out_one_kind(rule: str, text: str, clean: str, taken: list[str]) -> None:
    found: Found = []
    assert RULES[rule](text, found) == clean
    assert found == taken


def test_of_a_long_text_only_what_is_near_a_hint_is_looked_at() -> None:
    text = "x" * 100_000 + "password" + "x" * 100_000
    ((start, end),) = find_suspects(text)
    assert start < 100_000 < end
    assert end - start < 40_000
    assert find_suspects("x" * 100_000) == []
