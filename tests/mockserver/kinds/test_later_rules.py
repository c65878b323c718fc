"""What FATE 1.11.4 says of wrong parameters: one wrong value of every parameter of the kinds that changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowkit_mockserver.dialects.lines import dialect_of
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.kinds.callbacks import FED
from flowkit_mockserver.kinds.lookup import find_kind_in_any_letters
from flowkit_mockserver.kinds.rules import run

LATER = dialect_of("1.11")
#: Kind → the parameters that were given, and how a parameter class of 1.11.4 ended on them; null if it took them.
SAID: dict[str, list[tuple[dict[str, Any], str | None]]] = json.loads(
    Path(__file__).parent.joinpath("data/said_by_1_11_4.json").read_text("utf-8")
)


def overlaid(
    defaults: Mapping[str, Any], given: Mapping[str, Any], whole: Collection[str], path: str = ""
) -> dict[str, Any]:
    """Return defaults with what was given in their place; maps at paths in `whole` are replaced."""
    merged = copy_tree(dict(defaults))
    for name, value in given.items():
        here = path + name
        nested = isinstance(defaults[name], dict) and here not in whole
        merged[name] = overlaid(defaults[name], value, whole, f"{here}.") if nested else value
    return merged


def refusal(module: str, given: dict[str, Any]) -> str | None:
    """Return how the class of a kind ends on parameters in 1.11; None if it takes them."""
    kind, known = find_kind_in_any_letters(module), (LATER.kinds or {})[module]
    assert kind is not None
    values = overlaid(known.defaults, given, known.maps)
    try:
        run(kind.rules_on(LATER.behaviour), {**values, FED: list(given)})
    except (ValueError, AssertionError, PermissionError) as error:
        return f"{type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize("module", sorted(SAID))
def test_a_wrong_value_has_the_sentence_of_the_line(module: str) -> None:
    for given, said in SAID[module]:
        assert refusal(module, given) == said, given


def test_shares_may_not_be_revealed_in_two_ways() -> None:
    given = {"reveal_every_iter": True, "reveal_strategy": "encrypted_reveal_in_host"}

    assert refusal("HeteroSSHELR", given) == (
        "PermissionError: reveal strategy: encrypted_reveal_in_host mode is not allow to reveal every iter."
    )


def test_the_affine_cipher_is_taken_for_paillier() -> None:
    assert refusal("HeteroLinR", {"encrypt_param": {"method": "IterativeAffine"}}) is None


def test_the_first_lines_keep_their_own_sentences() -> None:
    kind = find_kind_in_any_letters("HeteroLR")
    assert kind is not None

    assert kind.rules_on(dialect_of("1.7").behaviour) is kind.rules
