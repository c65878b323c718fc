"""Trees, and who knows which of their splits."""

from __future__ import annotations

import pytest

from flowkit.results import Tree, TreeNode, read_trees
from recorded_results import answer


def test_the_guest_knows_its_splits_and_all_weights() -> None:
    tree = read_trees(answer("1.6", "boosting"))[0]
    assert (tree.depth, len(tree.nodes)) == (3, 15)
    root = tree.nodes[0]
    assert (root.rule, root.party) == ("x2 <= 0.206678", "guest/9999")
    assert (root.left, root.right, root.missing_left) == (1, 2, False)
    assert tree.nodes[7].weight == 1.9218651543
    assert tree.nodes[7].is_leaf


@pytest.mark.parametrize(
    ("line", "rule"), [("1.6", "host_9998_7"), ("1.11", "a feature of host/9998")]
)
def test_the_guest_knows_no_threshold_of_a_host(line: str, rule: str) -> None:
    node = read_trees(answer(line, "boosting"))[1].nodes[2]
    assert (node.party, node.threshold, node.rule) == ("host/9998", None, rule)


@pytest.mark.parametrize("line", ["1.6", "1.11"])
def test_a_host_knows_its_own_splits_only(line: str) -> None:
    tree = read_trees(answer(line, "boosting_of_host"))[1]
    assert tree.nodes[2].rule == "x7 <= -0.028609"
    assert tree.nodes[0].rule == "a feature of guest/9999"
    assert {node.weight for node in tree.nodes.values()} == {0.0}


def test_later_lines_count_the_samples_in_leaves() -> None:
    tree = read_trees(answer("1.11", "boosting"))[0]
    assert sum(node.samples or 0 for node in tree.nodes.values()) == 569


def test_homo_trees_hold_their_thresholds_in_their_nodes() -> None:
    root = read_trees(answer("1.6", "homo_boosting"))[0].nodes[0]
    assert (root.feature, root.threshold, root.party) == ("x3", 0.05320459948730464, "guest")


def test_a_tree_that_another_party_keeps_is_empty() -> None:
    own, other = read_trees(answer("1.6", "mixed_boosting"))
    assert own.nodes[0].rule == "x2 <= 0.206678"
    assert (dict(other.nodes), other.depth) == ({}, 0)


def test_trees_over_several_classes_say_for_which_they_are() -> None:
    model = {"classes": ["a", "b", "c"], "treeDim": 3, "trees": [{}] * 6}
    assert [tree.label for tree in read_trees(model)] == ["a", "b", "c", "a", "b", "c"]


def test_a_walk_goes_left_first_and_ends_even_in_a_circle() -> None:
    def split(place: int, left: int, right: int) -> TreeNode:
        return TreeNode(place, "guest", "x", 0.5, left, right, 0.0)

    tree = Tree(0, "", {0: split(0, 1, 2), 1: split(1, 0, 1)})
    assert [(depth, node.id) for depth, node in tree.walk()] == [(0, 0), (1, 1)]
