"""The bundled cassettes, for tests of code that uses flowkit."""

from __future__ import annotations

import pytest

from flowkit import OPERATIONS, CassetteError
from flowkit.testing import CASSETTES, cases, cassette


def test_a_cassette_is_found_by_its_operation_or_session() -> None:
    assert cassette("job.submit") == CASSETTES / "operations" / "job.submit.yaml"
    assert cassette("train-deploy-predict").parent.name == "sessions"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(CassetteError, match=r"did you mean 'job\.submit'"):
        cassette("job.submt")


def test_the_cases_are_those_of_operations() -> None:
    assert {case["operation"] for case in cases()} <= {operation.name for operation in OPERATIONS}
