"""Binning and selection where there are more than two labels, as from FATE 1.7 on."""

from __future__ import annotations

import math
from typing import Any

import pytest

from component_bench import ARBITER, GUEST, HOST, column, instances, run
from flowkit.servers import line_of
from flowkit_mockserver.components.core.interface import ComponentFailed, Model
from flowkit_mockserver.dialects.behaviour import behaviour_of

ROWS = {str(i): [float(i % 6)] for i in range(30)}
LABELS = [i % 3 for i in range(30)]
TABLES = {
    GUEST: {
        "data": instances(
            {key: [row[0], float(LABELS[int(key)])] for key, row in ROWS.items()},
            ["x0", "x1"],
            LABELS,
        )
    },
    HOST: {"data": instances({key: [row[0] * row[0]] for key, row in ROWS.items()}, ["z0"])},
}
LATER = behaviour_of(line_of("1.11"))


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


def binning(**options: Any) -> Any:
    return run("HeteroFeatureBinning", TABLES, bin_num=3, behaviour=LATER, **options)


def test_each_class_is_held_against_all_others() -> None:
    guest = binning()[GUEST]

    by_class = model_of(guest).param["multiClassResult"]
    assert by_class["labels"] == ["2", "1", "0"]
    assert len(by_class["results"]) == len(by_class["hostResults"]) == 3
    for label, result in zip((2, 1, 0), by_class["results"], strict=True):
        bins = result["binningResult"]["x0"]
        events = [int(count) for count in bins["eventCountArray"]]
        others = [int(count) for count in bins["nonEventCountArray"]]
        assert (sum(events), sum(others)) == (10, 20)
        assert dict(guest.summary[str(label)]["iv"])["x0"] == pytest.approx(float(bins["iv"]))
        extra = 0.0 if events[0] and others[0] else 0.5
        rate = (events[0] + extra) / 10, (others[0] + extra) / 20
        assert float(bins["woeArray"][0]) == pytest.approx(math.log(rate[0] / rate[1]))
    assert model_of(guest).param["binningResult"] == by_class["results"][0]
    assert list(guest.summary) == ["2", "1", "0"]
    known = {name for name, _ in guest.summary["2"]["iv"]}
    assert {"x0", "x1"} < known
    assert len(known) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "optimal"}, "Have not supported optimal binning in multi-class data yet"),
        (
            {"by_party": {GUEST: {"transform_param": {"transform_type": "woe"}}}},
            "WOE transform of multi-class-labeled data not supported",
        ),
    ],
)
def test_what_several_classes_do_not_have_fails(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ComponentFailed, match=message):
        binning(**options)


def test_the_first_lines_take_two_classes_only() -> None:
    with pytest.raises(ComponentFailed, match="binary-data only"):
        run("HeteroFeatureBinning", TABLES, bin_num=3)


@pytest.mark.parametrize("merge", ["average", "max"])
def test_a_filter_merges_the_information_values_of_the_classes(merge: str) -> None:
    fitted = binning()
    by_class = model_of(fitted[GUEST]).param["multiClassResult"]["results"]
    values = [float(result["binningResult"]["x0"]["iv"]) for result in by_class]
    bound = sum(values) / 3 if merge == "average" else max(values)

    def left(threshold: float) -> int:
        results = run(
            "HeteroFeatureSelection",
            TABLES,
            isometric={party: [model_of(result)] for party, result in fitted.items()},
            behaviour=LATER,
            filter_methods=["iv_filter"],
            iv_param={
                "metrics": ["iv"],
                "filter_type": ["threshold"],
                "threshold": [threshold],
                "select_federated": [False],
                "take_high": [True],
                "host_thresholds": None,
                "mul_class_merge_type": merge,
            },
        )
        return len(results[GUEST].tables[0].schema["header"])

    assert (left(bound - 1e-6), left(bound + 1e-6)) == (2, 1)


def test_a_homogeneous_binning_hands_on_the_numbers_of_the_bins_from_1_9_on() -> None:
    tables = {
        GUEST: {"data": instances(ROWS, ["x0"], LABELS)},
        HOST: {"data": instances(ROWS, ["x0"], LABELS)},
        ARBITER: {},
    }
    transform = {"transform_cols": -1, "transform_names": None, "transform_type": "bin_num"}

    def values(line: str) -> set[float]:
        results = run(
            "HomoFeatureBinning",
            tables,
            bin_num=2,
            transform_param=transform,
            behaviour=behaviour_of(line_of(line)),
        )
        return set(column(results[GUEST].tables[0], 1))

    assert values("1.8") == {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
    assert values("1.9") == {0.0, 1.0}


def of_one_label(label: int, behaviour: Any = LATER, **options: Any) -> Any:
    numbers = {f"{i:02}": [float(i)] for i in range(50)}
    tables = {
        GUEST: {"data": instances(numbers, ["x0"], [label] * 50)},
        HOST: {"data": instances(numbers, ["z0"])},
    }
    return run("HeteroFeatureBinning", tables, bin_num=3, behaviour=behaviour, **options)


@pytest.mark.parametrize("label", [0, 1, 5])
def test_a_label_that_is_alone_is_the_event(label: int) -> None:
    guest = of_one_label(label)[GUEST]

    bins = model_of(guest).param["binningResult"]["binningResult"]["x0"]
    # As FATE 1.11.4 has them.
    assert bins["eventCountArray"] == ["17", "17", "16"]
    assert bins["nonEventCountArray"] == ["0", "0", "0"]
    assert bins["eventRateArray"] == pytest.approx([0.35, 0.35, 0.33])
    assert bins["nonEventRateArray"] == pytest.approx([0.5, 0.5, 0.5])
    assert bins["woeArray"] == pytest.approx([-0.356674944, -0.356674944, -0.415515444])
    assert model_of(guest).param["multiClassResult"]["labels"] == [str(label)]
    assert list(guest.summary) == [str(label)]


def test_the_first_lines_miss_the_other_label() -> None:
    with pytest.raises(ComponentFailed, match="KeyError: 0"):
        of_one_label(1, behaviour_of(line_of("1.6")))


def test_an_optimal_binning_of_a_host_needs_two_labels() -> None:
    with pytest.raises(ComponentFailed, match="IndexError: list index out of range"):
        of_one_label(1, method="optimal")


def test_an_optimal_binning_merges_by_the_label_one_whatever_the_event_is() -> None:
    numbers = {f"{i:02}": [float(i)] for i in range(48)}
    tables = {GUEST: {"data": instances(numbers, ["x0"], [2 if i % 3 else 5 for i in range(48)])}}
    tables[HOST] = {"data": instances(numbers, ["z0"])}

    guest = run(
        "HeteroFeatureBinning",
        tables,
        bin_num=3,
        behaviour=LATER,
        method="optimal",
        optimal_binning_param={"init_bin_nums": 6, "metric_method": "iv"},
    )[GUEST]

    bins = model_of(guest).param["binningResult"]["binningResult"]["x0"]
    assert (bins["eventCountArray"], bins["woeArray"]) == (["16"], [0.0])
