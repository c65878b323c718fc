from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from component_bench import kind_named
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.kinds.kind import Buffers, Exactness, LaterAccuracy, code_in
from flowkit_mockserver.kinds.rules import check


def test_buffers_follow_the_rule_of_fate() -> None:
    assert Buffers.named("Scale") == Buffers("ScaleMeta", "ScaleMeta", "ScaleParam", "ScaleParam")
    assert Buffers.named("HeteroLogisticRegression", "LRModel") == Buffers(
        "HeteroLogisticRegressionMeta",
        "LRModelMeta",
        "HeteroLogisticRegressionParam",
        "LRModelParam",
    )


def test_roles_can_have_buffers_of_their_own() -> None:
    kind = kind_named("HeteroNN")

    assert kind.buffers_of("guest").meta == "HeteroNNGuestMeta"
    assert kind.buffers_of("host").meta == "HeteroNNHostMeta"
    with pytest.raises(LookupError, match="HeteroNN saves no model on a arbiter"):
        kind.buffers_of("arbiter")


def test_code_lies_in_one_folder() -> None:
    assert code_in("federatedml/util", guest="a.py/A", host="a.py/B") == {
        "guest": "federatedml/util/a.py/A",
        "host": "federatedml/util/a.py/B",
    }


def test_an_algorithm_that_is_not_there_is_named() -> None:
    kind = replace(kind_named("Union"), algorithm="flowkit_mockserver.components.core.run:nothing")

    with pytest.raises(ImportError, match=r"Union has no algorithm .*core\.run:nothing"):
        kind.load()


def test_a_kind_that_is_not_exact_warns_of_what_it_does_otherwise() -> None:
    kind = kind_named("HeteroNN")

    assert kind_named("HeteroLR").difference is None
    assert replace(kind, library=None).difference == f"approximate: {kind.accuracy}"
    assert replace(kind, library="no_such_library").difference == f"stand-in: {kind.stand_in}"
    assert "linear layer" in (kind.stand_in or "")


def test_a_kind_may_be_more_exact_from_a_line_on() -> None:
    later = LaterAccuracy(since="own_networks", exactness=Exactness.EXACT, accuracy="As in FATE.")
    kind = replace(kind_named("HeteroNN"), library=None, later_accuracy=later)

    assert kind.difference_on(dialect_of("1.9").behaviour) == f"approximate: {kind.accuracy}"
    assert kind.difference_on(dialect_of("1.10").behaviour) is None
    assert kind.difference_on(dialect_of("1.11").behaviour) is None


def test_a_kind_may_be_less_exact_from_a_line_on() -> None:
    later = LaterAccuracy(
        since="linear_models",
        exactness=Exactness.APPROXIMATE,
        accuracy="Batches are drawn by another chance.",
        library="no_such_library",
        without="Numbers have fewer digits.",
    )
    kind = replace(kind_named("HeteroLR"), later_accuracy=later)

    assert kind.difference_on(dialect_of("1.7").behaviour) is None
    assert (
        kind.difference_on(dialect_of("1.8").behaviour) == "approximate: Numbers have fewer digits."
    )
    with_library = replace(kind, later_accuracy=replace(later, library=None))
    assert (
        with_library.difference_on(dialect_of("1.8").behaviour)
        == "approximate: Batches are drawn by another chance."
    )


def test_later_lines_may_have_buffers_of_their_own() -> None:
    kind = kind_named("HomoNN")

    assert kind.buffers_of("guest").meta == "HomoNNModelMeta"
    assert kind.buffers_of("guest", later=True).meta == "HomoNNMeta"
    assert kind_named("Union").buffers == {}


def test_a_kind_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        kind_named("Union").name = "Mine"  # type: ignore[misc]


def test_a_check_leaves_what_was_submitted_as_it_was() -> None:
    kind = kind_named("Intersection")
    parameters = {**kind.defaults, "intersect_method": "RAW"}

    check(kind.rules, parameters)

    assert parameters["intersect_method"] == "RAW"


@pytest.mark.parametrize(("line", "allowed"), [("1.6", False), ("1.9", False), ("1.10", True)])
def test_a_kind_checks_what_its_line_checks(line: str, allowed: bool) -> None:
    kind = kind_named("FederatedSample")
    asked = {**kind.defaults, "mode": "exact_by_weight"}
    rules = kind.rules_on(dialect_of(line).behaviour)

    if allowed:
        check(rules, asked)
        return
    with pytest.raises(ValueError, match="sample param exact_by_weight not supported"):
        check(rules, asked)


@pytest.mark.parametrize("name", ["HeteroNN", "HomoNN"])
def test_networks_that_begin_anew_on_a_warm_start_say_so(name: str) -> None:
    kind = replace(kind_named(name), library=None)

    assert "begins anew" in (kind.difference_on(dialect_of("1.9").behaviour) or "")
    assert "begins anew" not in (kind.difference_on(dialect_of("1.10").behaviour) or "")
