"""Trees of guest and host as LightGBM writes them, held to what a real 1.11.4 answered."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.models.hetero_merge import merge_models

#: Two trees of a real server: by number of the node column, bound and weight (splits) or weight and samples (leaves).
TREES: list[list[tuple[float, ...]]] = [
    [
        (2, 0.206678, 0.5093080435),
        (7, 0.502383, 1.5800203873),
        (6, -0.395261, -1.8602029313),
        (1.7880794701, 362),
        (-0.9210526316, 30),
        (0.625, 6),
        (-1.9486581097, 171),
    ],
    [
        (2, 0.024984, 0.3860782579),
        (7, 0.246576, 1.3385270204),
        (1, -0.748629, -1.2320822483),
        (1.5292732173, 321),
        (-0.3118477025, 36),
        (0.4368657905, 26),
        (-1.4680337475, 186),
    ],
]
REAL_TREES = """Tree=0
num_leaves=4
num_cat=0
split_feature=2 7 6
threshold=0.206678 0.502383 -0.395261
decision_type=0 0 0
left_child=1 -1 -3
right_child=2 -2 -4
leaf_value=0.53642384103 -0.27631578947999996 0.1875 -0.58459743291
internal_value=0.5093080435 1.5800203873 -1.8602029313
shrinkage=0.3
internal_count=569 392 177
leaf_count=362 30 6 171


Tree=1
num_leaves=4
num_cat=0
split_feature=2 7 1
threshold=0.024984 0.246576 -0.748629
decision_type=0 0 0
left_child=1 -1 -3
right_child=2 -2 -4
leaf_value=0.45878196519000003 -0.09355431075 0.13105973715 -0.44041012425
internal_value=0.3860782579 1.3385270204 -1.2320822483
shrinkage=0.3
internal_count=569 357 212
leaf_count=321 36 26 186


end of trees
parameters:
[boosting: gbdt]
[objective: binary]
[num_iterations: 2]
[learning_rate: 0.3]
[max_depth: 2]
[max_bin: 16]
[use_missing: 0]
[zero_as_missing: 0]
[num_class: 1]
[lambda_l1: 0.1]
[lambda_l2: 0.0]
[min_data_in_leaf: 1]
[min_gain_to_split: 0.001]

end of parameters

pandas_categorical:[]
"""


def tree(numbers: list[tuple[float, ...]], at_host: set[int], host: bool) -> dict[str, Any]:
    nodes, values, counts = [], {}, {}
    for number, own in enumerate(numbers):
        leaf = len(own) == 2
        mine = not leaf and (number in at_host) == host
        if mine:
            values[str(number)] = own[1]
        if leaf:
            counts[str(number)] = int(own[1])
        nodes.append(
            {
                "id": number,
                "fid": int(own[0]) if mine else -1,
                "bid": -1.0,
                "weight": 0.0 if host else own[0 if leaf else 2],
                "isLeaf": leaf,
                "leftNodeid": -1 if leaf else 2 * number + 1,
                "rightNodeid": -1 if leaf else 2 * number + 2,
                "missingDir": 1,
            }
        )
    return {
        "tree": nodes,
        "splitMaskdict": values,
        "missingDirMaskdict": {str(number): 1 for number in range(3)},
        "leafCount": {} if host else counts,
    }


def models(at_host: set[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    guest, host = (
        {
            "trees": [tree(numbers, at_host, side) for numbers in TREES],
            "featureNameFidMapping": {str(i): f"x{i}" for i in range(20 if side else 10)},
            "anonymousNameMapping": {"host_10000_x0": "x0"} if side else {},
            "treeDim": 1,
            "classes": [] if side else ["0", "1"],
            "numClasses": 0 if side else 2,
            "initScore": [0.0],
        }
        for side in (False, True)
    )
    meta = {
        "taskType": "classification",
        "learningRate": 0.3,
        "numTrees": 2,
        "quantileMeta": {"binNum": 16},
        "treeMeta": {
            "criterionMeta": {"criterionMethod": "xgboost", "criterionParam": [0.1, 0.0]},
            "maxDepth": 2,
            "minLeafNode": 1,
            "minImpuritySplit": 0.001,
            "useMissing": False,
            "zeroAsMissing": False,
        },
    }
    return {"param": guest, "meta": meta}, {"param": host, "meta": {}}


def merged(at_host: set[int], output_format: str = "lightgbm", **options: Any) -> str:
    guest, host = models(at_host)
    return merge_models(guest, [host], model_type="sbt", output_format=output_format, **options)


def test_trees_are_the_text_of_a_real_server() -> None:
    names = " ".join([f"x{i}" for i in range(10)] + [f"x{i}" for i in range(20)])

    assert merged(set()) == (
        "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx=29\nobjective=binary sigmoid:1\nfeature_names={names}\n"
        f"feature_infos={' '.join(['[0:1]'] * 30)}\n\n{REAL_TREES}"
    )


def test_columns_of_a_host_stand_behind_those_of_the_guest() -> None:
    text = merged({1}, rename_hosts=True)

    assert "\nsplit_feature=2 17 6\nthreshold=0.206678 0.502383 -0.395261\n" in text
    assert " x9 x0_host_10000 x1_host_10000 " in text


def test_trees_are_no_pickle() -> None:
    with pytest.raises(ValueError, match="unknown output type sklearn"):
        merged(set(), "sklearn")
