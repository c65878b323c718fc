"""What FATE refuses before it computes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flowkit_mockserver.components.core import guards
from flowkit_mockserver.components.core.instance import Instances
from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.party import Party

NAN = float("nan")


def table(*rows: list[Any], header: tuple[str, ...] = ("x0", "x1"), **extra: Any) -> Instances:
    keys = [str(number) for number in range(len(rows))]
    return Instances.from_rows(keys, rows, header=header, extra=extra)


def test_a_table_needs_rows_and_features() -> None:
    with pytest.raises(ValueError, match="Count of data_instance is 0"):
        guards.check_table(table())
    with pytest.raises(ValueError, match="Number of features of DTable is 0"):
        guards.check_table(table([], header=()))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"header": ["x\t"]}, "non-printable char found in header column x\t, please check."),
        ({"header": ["x", "x"]}, "data header contains repeated names, please check."),
        ({"sid_name": "\ufeffid"}, "non-printable char found in sid_name \ufeffid, please check."),
        ({"label_name": "y\x00"}, "non-printable char found in label_name y\x00, please check."),
    ],
)
def test_names_have_to_be_printable_and_different(schema: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        guards.check_names(schema)


def test_names_outside_ascii_are_fine() -> None:
    guards.check_names({"header": ["größe", "a b"], "sid_name": "id", "label_name": "y"})
    guards.check_names({})


def test_values_above_1e8_are_too_large_for_a_logistic_regression() -> None:
    guards.check_overflow(table([1e8, -1e8]))
    guards.check_overflow(None)
    with pytest.raises(OverflowError, match="The value range of features is too large for GLM"):
        guards.check_overflow(table([1.0, -2.5e8]))


def test_a_missing_value_hides_the_rest_of_its_row_unless_the_table_is_sparse() -> None:
    guards.check_overflow(table([NAN, 2.5e8]))
    with pytest.raises(OverflowError):
        guards.check_overflow(table([NAN, 2.5e8], sparse=True))


def test_a_column_has_to_hold_something() -> None:
    guards.check_no_empty_column(table([1.0, NAN], [NAN, 1.0]))
    with pytest.raises(ValueError, match=r"column\(s\) \['x1'\] contain\(s\) no values"):
        guards.check_no_empty_column(table([1.0, NAN], [2.0, NAN]))


def test_the_party_whose_table_is_refused_fails() -> None:
    party = Party("host", "2")
    with pytest.raises(ComponentFailed) as failed, guards.guarded(party):
        guards.check_table(table())
    assert failed.value.party == party
    assert failed.value.message == "Count of data_instance is 0"
