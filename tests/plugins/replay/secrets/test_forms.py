"""One secret is found again in every form in which a request can carry it."""

from __future__ import annotations

import base64
import json
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from flowkit_replay.secrets.forms import LONGEST_PATTERN, SecretForms

SECRET = 'pä55 "w\\rd"/<9>+&'
LONG = 'a long credential with "quotes" & more, 0123456789 ' * 20


@pytest.mark.parametrize("secret", [SECRET, LONG], ids=["short", "long"])
@pytest.mark.parametrize(
    "encode",
    [
        str,
        quote,
        lambda text: quote(text, safe=""),
        lambda text: json.dumps(text)[1:-1],
        escape,
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.encode().hex(),
    ],
)
def test_a_secret_is_replaced_in_its_usual_forms(secret: str, encode: object) -> None:
    text = f"before {encode(secret)} after"  # type: ignore[operator]
    clean, times = SecretForms([secret]).replace(text, "#")
    assert times == 1
    assert clean.startswith("before #")
    assert clean.endswith(" after")


def test_a_short_secret_is_replaced_in_rarer_forms_too() -> None:
    for text in (quote_plus(SECRET), quote(quote(SECRET)), json.dumps(json.dumps(SECRET))):
        clean, times = SecretForms([SECRET]).replace(text, "#")
        assert times == 1
        assert "55" not in clean
    assert len(LONG) > LONGEST_PATTERN


def test_the_longer_of_two_secrets_goes_first() -> None:
    forms = SecretForms(["abc123"]).with_more(["abc123def", "abc123"])
    assert forms.secrets == ("abc123def", "abc123")
    assert forms.replace("abc123def abc123", "#") == ("# #", 2)


def test_without_secrets_nothing_is_replaced() -> None:
    forms = SecretForms([""])
    assert not forms
    assert forms.with_more([]) is forms
    assert forms.replace("text", "#") == ("text", 0)


@pytest.mark.parametrize("form", ["a b&c1", "a%20b%26c1", "a+b&amp;c1"])
def test_it_is_told_where_one_begins_that_goes_across_a_place(form: str) -> None:
    forms = SecretForms(["a b&c1"])
    text = f"xx{form}yy"
    assert [forms.find_across(text, at) for at in (2, 2 + len(form))] == [2, 2 + len(form)]
    assert {forms.find_across(text, at) for at in range(3, 2 + len(form))} == {2}
