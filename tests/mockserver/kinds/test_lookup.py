from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib.metadata import EntryPoint
from types import MappingProxyType

import pytest

from component_bench import kind_named
from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.parameters import kind_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.kinds import lookup
from flowkit_mockserver.kinds.lookup import (
    add_kinds,
    all_kinds,
    find_kind,
    find_kind_in_any_letters,
    reads_table,
)

MINE = replace(kind_named("Union"), name="Mine", algorithm="my_package:run_mine")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Forget afterwards which kinds were added or offered."""
    monkeypatch.setattr(lookup, "_added", {})
    monkeypatch.setattr(lookup, "_uses", Counter())
    monkeypatch.setattr(lookup, "_known", {})
    return monkeypatch


def offer(fresh: pytest.MonkeyPatch, name: str, value: str) -> None:
    offers = MappingProxyType({name: EntryPoint(name, value, lookup.ENTRY_POINTS)})
    fresh.setattr(lookup, "_offers", lambda: offers)


def test_names_are_exact() -> None:
    assert find_kind("DataIO") is not None
    assert find_kind("dataio") is None
    assert find_kind("NoSuchKind") is None


def test_a_kind_has_its_later_name_besides() -> None:
    assert find_kind("HomoSecureBoost") is find_kind("HomoSecureboost")
    with pytest.raises(DslError, match="module HomoSecureBoost does not exist"):
        kind_of("homo_secureboost_0", "HomoSecureBoost")


def test_what_is_no_kind_is_not_found_by_the_name_of_its_file() -> None:
    assert find_kind("SharedRules") is None
    assert find_kind("../dsl/conf") is None


def test_any_letters_will_do_where_the_server_does_not_care() -> None:
    assert find_kind_in_any_letters("heterolr") is find_kind("HeteroLR")
    assert find_kind_in_any_letters("nosuchkind") is None


def test_only_a_reader_stands_for_a_table_of_the_conf() -> None:
    assert [kind.name for kind in all_kinds() if reads_table(kind.name)] == ["Reader"]
    assert not reads_table(["Reader"])


@pytest.mark.usefixtures("fresh")
def test_a_kind_can_be_added() -> None:
    add_kinds([MINE])
    add_kinds([MINE])

    assert find_kind("Mine") is MINE
    assert find_kind_in_any_letters("mine") is MINE
    assert MINE in all_kinds()


@pytest.mark.usefixtures("fresh")
def test_a_kind_that_is_there_already_is_not_replaced() -> None:
    with pytest.raises(
        ValueError, match="there is a kind Union already, run by flowkit_mockserver"
    ):
        add_kinds([MINE, replace(MINE, name="Union")])

    assert find_kind("Mine") is None


@pytest.mark.usefixtures("fresh")
def test_what_is_no_kind_cannot_be_added() -> None:
    with pytest.raises(TypeError, match=r"'HeteroLR' is no flowkit_mockserver\.Kind"):
        add_kinds(["HeteroLR"])  # type: ignore[list-item]


def test_a_distribution_can_offer_a_kind(fresh: pytest.MonkeyPatch) -> None:
    fresh.setattr(sys.modules[__name__], "OFFERED", MINE, raising=False)
    fresh.setitem(sys.modules, "a_distribution", sys.modules[__name__])
    offer(fresh, "Mine", "a_distribution:OFFERED")

    assert find_kind("Mine") is MINE
    assert find_kind_in_any_letters("MINE") is MINE
    assert MINE in all_kinds()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("no_such_module_anywhere:KIND", "cannot be loaded: ModuleNotFoundError"),
        ("json:dumps", "offers json:dumps as the kind Mine, which it is not"),
    ],
)
def test_an_offer_that_does_not_hold_is_refused(
    fresh: pytest.MonkeyPatch, value: str, text: str
) -> None:
    offer(fresh, "Mine", value)

    with pytest.raises(Refusal) as caught:
        find_kind("Mine")

    assert text in caught.value.retmsg


def test_a_server_starts_without_reading_any_kind() -> None:
    program = (
        "import sys, flowkit_mockserver\n"
        "flowkit_mockserver.MockServer().close()\n"
        "print([n for n in sys.modules if n.count('.') > 2 and '.kinds.' in n or n.endswith('.hetero_lr')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_name_of_the_later_lines_is_that_of_an_earlier_kind() -> None:
    kind = find_kind("HomoSecureBoost")

    assert kind is find_kind("HomoSecureboost") is not None
    assert find_kind("homosecureboost") is None
