"""The fields that many operations share."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError
from flowkit.groups.fields import component_fields, filter_fields, model_fields, trained_version


def test_ids_become_the_texts_that_are_sent() -> None:
    assert component_fields(7, "guest", 9999, "lr_0") == {
        "job_id": "7",
        "role": "guest",
        "party_id": "9999",
        "component_name": "lr_0",
    }
    assert model_fields("m", 8) == {
        "model_id": "m",
        "model_version": "8",
        "role": None,
        "party_id": None,
    }


def test_filters_that_were_not_given_are_none() -> None:
    assert set(filter_fields().values()) == {None}
    assert filter_fields(role="host")["role"] == "host"


def test_the_version_of_a_trained_model_must_be_given() -> None:
    assert trained_version(8) == "8"
    with pytest.raises(ArgumentError, match="id of the job that trained the model"):
        trained_version(None)
