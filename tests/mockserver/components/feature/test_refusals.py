"""What components refuse to work on, in the server's words."""

from __future__ import annotations

from typing import Any

import pytest

from component_bench import GUEST, HOST, instances, predict, run, under, vertical
from flowkit_mockserver.components.core.interface import ComponentFailed, TableData
from flowkit_mockserver.dialects import dialect_of

_WOE = {"transform_cols": -1, "transform_names": None, "transform_type": "woe"}
EMPTY = TableData("instance", {"header": ["x0"], "labelled": True}, [])
ONLY_LABELS = instances({"a": [], "b": []}, [], [0, 1])
TWICE = instances({"a": [1.0, 2.0], "b": [2.0, 1.0]}, ["x0", "x0"], [0, 1])
UNPRINTABLE = instances({"a": [1.0], "b": [2.0]}, ["x\x07"], [0, 1])
GUARDED = [
    "HeteroFeatureBinning",
    "HeteroFeatureSelection",
    "OneHotEncoder",
    "HomoOneHotEncoder",
    "HomoFeatureBinning",
    "DataStatistics",
]


@pytest.mark.parametrize("module", GUARDED)
@pytest.mark.parametrize(
    ("table", "text"),
    [
        (EMPTY, "Count of data_instance is 0"),
        (ONLY_LABELS, "Number of features of DTable is 0"),
        (TWICE, "data header contains repeated names, please check."),
        (UNPRINTABLE, "non-printable char found in header column"),
    ],
)
def test_tables_that_nothing_can_be_learned_from(module: str, table: Any, text: str) -> None:
    with pytest.raises(ComponentFailed, match=text) as failed:
        run(module, {GUEST: {"data": table}})
    assert failed.value.party == GUEST


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("FeatureScale", "'NoneType' object is not subscriptable"),
        ("FederatedSample", "Cannot sample 1 out of arrays with dim 0 when replace is False"),
    ],
)
def test_tables_without_rows(module: str, text: str) -> None:
    with pytest.raises(ComponentFailed, match=text):
        run(
            module,
            {GUEST: {"data": EMPTY}},
            **({"mode": "normal"} if module == "FeatureScale" else {"fractions": 0.1}),
        )


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([0, 1, 2], "Iv calculation support binary-data only in this version."),
        ([1, 1, 1], "KeyError: 0"),
        ([-1, 1, 1], "KeyError: 0"),
    ],
)
def test_labels_that_bins_cannot_be_held_against(labels: list[int], text: str) -> None:
    table = instances({"a": [1.0], "b": [2.0], "c": [3.0]}, ["x0"], labels)

    with pytest.raises(ComponentFailed, match=text):
        run("HeteroFeatureBinning", {GUEST: {"data": table}})


def test_categories_beside_a_choice_of_columns_to_transform() -> None:
    transform = {"transform_cols": [1], "transform_type": "bin_num"}

    with pytest.raises(ComponentFailed, match="KeyError: 'x0'"):
        run(
            "HeteroFeatureBinning",
            under("data", vertical(20)),
            category_indexes=[0],
            transform_param=transform,
        )


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("unique_value", "None of statistic model has provided when using unique filter"),
        ("iv_top_k", "None of binning model has provided when using iv filter"),
        ("psi_filter", "None of psi model has provided when using psi filter"),
        ("hetero_sbt_filter", "None of sbt model has provided when using sbt filter"),
        ("hetero_fast_sbt_filter", "None of Fast sbt model has been provided"),
        ("vif_filter", "None of Hetero Pearson model has provided when using VIF filter"),
    ],
)
def test_filters_without_the_model_they_ask(method: str, text: str) -> None:
    with pytest.raises(ComponentFailed, match=text):
        run("HeteroFeatureSelection", under("data", vertical(9)), filter_methods=[method])


def test_a_column_of_one_value_has_no_correlation() -> None:
    table = instances({"a": [1.0], "b": [1.0]}, ["x0"], [0, 1])

    with pytest.raises(ComponentFailed, match="zero standard deviation detected"):
        run("HeteroPearson", under("data", {GUEST: table, HOST: table}), column_indexes=-1)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"feat_upper": [1, 2]}, "Check equal failed, 1 != 2"),
        (
            {"mode": "cap", "feat_upper": 0.1, "feat_lower": 0.9},
            "feat_upper should not less than feat_lower",
        ),
        ({"scale_col_indexes": [4]}, "max column index in area is:4"),
    ],
)
def test_bounds_that_do_not_fit(asked: dict[str, Any], text: str) -> None:
    table = instances({"a": [1.0], "b": [2.0]}, ["x0"])

    with pytest.raises(ComponentFailed, match=text):
        run("FeatureScale", {GUEST: {"data": table}}, method="min_max_scale", **asked)


def test_a_stratified_split_needs_shuffling() -> None:
    with pytest.raises(ComponentFailed, match="not implemented for shuffle=False"):
        run(
            "HeteroDataSplit",
            under("data", vertical(9)),
            test_size=0.3,
            stratified=True,
            shuffle=False,
        )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("1.6", "Host party do not support woe transform now."),
        ("1.9", "Host party do not support woe transform now."),
        ("1.10", "Woe transform is not available for host parties."),
    ],
)
def test_a_host_has_no_weights_of_evidence(line: str, text: str) -> None:
    tables = vertical(20, 2)

    with pytest.raises(ComponentFailed, match=text) as failed:
        run(
            "HeteroFeatureBinning",
            under("data", tables),
            behaviour=dialect_of(line).behaviour,
            by_party={HOST: {"transform_param": _WOE}},
        )

    assert failed.value.party == HOST


def test_a_host_that_applies_a_binning_has_none_either() -> None:
    later, tables = dialect_of("1.11").behaviour, vertical(20, 2)
    fitted = run("HeteroFeatureBinning", under("data", tables), behaviour=later)
    model = fitted[HOST].model
    assert model is not None
    model.meta["transformParam"] = {"transformCols": [0], "transformType": "woe"}

    with pytest.raises(ComponentFailed, match="Woe transform is not available for host"):
        predict("HeteroFeatureBinning", fitted, under("data", tables), behaviour=later)
