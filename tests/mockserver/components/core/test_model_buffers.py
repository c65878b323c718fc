from __future__ import annotations

import pytest

from flowkit_mockserver.components.core.interface import Model
from flowkit_mockserver.components.core.model_buffers import buffers_of, saved_model


def test_a_kind_names_the_buffers_of_its_model() -> None:
    model = saved_model("HeteroLR", {"penalty": "L2"}, {"iters": 3}, {"seen": True})

    assert model == Model(
        module="HeteroLR",
        meta_name="HeteroLogisticRegressionMeta",
        meta={"penalty": "L2"},
        param_name="HeteroLogisticRegressionParam",
        param={"iters": 3},
        meta_message="LRModelMeta",
        param_message="LRModelParam",
        state={"seen": True},
    )


def test_sides_of_some_kinds_have_buffers_of_their_own() -> None:
    assert saved_model("HeteroSecureBoost", {}, {}, role="host").param_name == (
        "HeteroSecureBoostingTreeHostParam"
    )


def test_a_kind_that_learns_nothing_has_no_model() -> None:
    with pytest.raises(LookupError, match="Union saves no model"):
        saved_model("Union", {}, {})
    with pytest.raises(LookupError, match="there is no kind NoSuchKind"):
        buffers_of("NoSuchKind")
