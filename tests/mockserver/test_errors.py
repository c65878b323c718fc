"""Fields that an operation needs."""

from __future__ import annotations

import pytest

from flowkit_mockserver.errors import Refusal, require_fields


def test_required_names_what_is_missing_in_its_own_order() -> None:
    with pytest.raises(Refusal) as refused:
        require_fields({"b": None}, ("c", "b", "a"))

    assert refused.value.retmsg == "required parameters are missing: c,a;"
    assert refused.value.retcode == 100


def test_required_names_values_that_are_not_allowed() -> None:
    with pytest.raises(Refusal) as refused:
        require_fields({"head": 2}, ("name", ("head", (0, 1))))

    assert refused.value.retmsg == (
        "required parameters are missing: name;required parameter values: head=(0, 1)"
    )


def test_required_is_content_with_null_and_allowed_values() -> None:
    require_fields({"name": None, "head": 1}, ("name", ("head", (0, 1))))


def test_required_refuses_what_is_no_object() -> None:
    with pytest.raises(Refusal, match="argument of type 'NoneType' is not iterable"):
        require_fields(None, ("a",))
    with pytest.raises(Refusal, match="missing: a;"):
        require_fields([], ("a",))
