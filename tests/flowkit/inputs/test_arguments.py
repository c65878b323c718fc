"""What arguments may look like, how they are sent, and what is said about the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flowkit import ArgumentError
from flowkit.inputs import arguments


class Nine:
    """An integer of another library."""

    def __index__(self) -> int:
        return 9


@pytest.mark.parametrize(
    ("check", "given", "sent"),
    [
        (arguments.identifier, 202106010203040506070, "202106010203040506070"),
        (arguments.identifier, "202106010203040506070\n", "202106010203040506070"),
        (arguments.identifier, "20261123loan", "20261123loan"),
        (arguments.identifier, 0, "0"),
        (arguments.party, 9999, "9999"),
        (arguments.party, "9999", "9999"),
        (arguments.party, Nine(), "9"),
        (arguments.role, "arbiter", "arbiter"),
        (arguments.integer, -1, -1),
        (arguments.integer, "25", 25),
        (arguments.switch, True, 1),
        (arguments.switch, 0, 0),
        (arguments.switch, "1", 1),
        (arguments.day, 20210601, 20210601),
        (arguments.day, "20210601", 20210601),
        (arguments.day, date(2021, 6, 1), 20210601),
        (arguments.seconds, 3, 3.0),
        (arguments.names, ("a_0", "b_0"), ["a_0", "b_0"]),
        (arguments.names, "[a_0, b_0]", ["a_0", "b_0"]),
        (arguments.mapping, {"a": (1, {2: 3})}, {"a": [1, {"2": 3}]}),
    ],
)
def test_what_is_understood(check: Callable[[str, Any], Any], given: Any, sent: Any) -> None:
    assert check("it", given) == sent


WRONG: dict[Callable[[str, Any], Any], list[Any]] = {
    arguments.identifier: [None, True, 1.0, -1, "", " ", "../x", "-5", b"1", ["1"]],
    arguments.party: [None, False, 9999.0, -9999, "", "guest", "-1", "²"],
    arguments.role: [None, "Guest", "gues", 1, ""],
    arguments.text: [None, "", "  ", 5, b"x"],
    arguments.integer: [None, True, 10.0, "ten", ""],
    arguments.switch: [None, 2, -1, "yes", 1.0],
    arguments.day: [None, 2021, "2021-06-01", 20210631, "0000000x", True],
    arguments.seconds: [None, -1, "5", True, float("nan")],
    arguments.names: [None, 5, ["a", ""], ["a", 1], {"a": 1}],
    arguments.path: [None, "", 5, "a\0b"],
    arguments.mapping: [None, [], "x", {"a": {1, 2}}],
}


@pytest.mark.parametrize(
    ("check", "wrong"), [(check, wrong) for check, wrongs in WRONG.items() for wrong in wrongs]
)
def test_what_is_refused_by_name(check: Callable[[str, Any], Any], wrong: Any) -> None:
    problem = "is missing; it must be" if wrong is None else "must be"
    with pytest.raises(ArgumentError, match=rf"^colour {problem} ") as caught:
        check("colour", wrong)
    assert caught.value.argument == "colour"
    assert repr(caught.value.value) == repr(wrong)


def test_a_missing_argument_is_called_missing() -> None:
    with pytest.raises(
        ArgumentError, match=r"^job_id is missing; it must be an id, .*; such as '2021"
    ):
        arguments.identifier("job_id", None)


def test_a_misspelled_role_comes_with_a_suggestion() -> None:
    with pytest.raises(ArgumentError, match="got 'Gest'; did you mean 'guest'"):
        arguments.role("role", "Gest")


def test_what_is_optional_may_be_none() -> None:
    assert arguments.optional(arguments.party, "party_id", None) is None
    assert arguments.optional(arguments.party, "party_id", 1) == "1"


def test_a_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert arguments.path("output_path", "out") == str(tmp_path / "out")


def test_a_mapping_is_copied_to_the_bottom() -> None:
    given = {"role": {"guest": [9999]}}
    arguments.mapping("conf_path", given)["role"]["guest"].append(1)
    assert given == {"role": {"guest": [9999]}}


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(ArgumentError) as caught:
        arguments.integer("limit", "x" * 10_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "check",
    [
        arguments.identifier,
        arguments.party,
        arguments.role,
        arguments.integer,
        arguments.switch,
        arguments.day,
        arguments.seconds,
        arguments.names,
        arguments.path,
    ],
)
def test_a_number_that_python_does_not_write_is_refused(check: Callable[..., Any]) -> None:
    with pytest.raises(ArgumentError, match="got a number of thousands of digits"):
        check("it", 10**5000)


@pytest.mark.parametrize("check", [arguments.text, arguments.path])
def test_half_of_a_surrogate_pair_is_no_text(check: Callable[..., Any]) -> None:
    with pytest.raises(ArgumentError, match="surrogates not allowed"):
        check("it", "a\ud800")
