"""Nested answers as rows."""

from __future__ import annotations

from flowkit.cli.flattening import flat, metric_rows
from recorded_results import answer


def test_names_with_dots_and_lists_of_single_values() -> None:
    value = {"a": {"b": 1, "c": [1, 2]}, "d": [{"e": None}, [3]], "f": {}, "g": []}
    assert list(flat(value)) == [
        ("a.b", 1), ("a.c", [1, 2]), ("d.0.e", None), ("d.1", [3]), ("f", None), ("g", []),
    ]  # fmt: skip


def test_values_and_curves_in_a_line() -> None:
    columns, rows = metric_rows(answer("1.6", "evaluation")["data"], plain=True)
    by_name = {row[1]: row for row in rows}
    assert columns == ["set", "metric", "type", "points", "values"]
    assert by_name["hetero_lr_0"][4] == "auc 0.955724, ks 0.814849"
    assert by_name["hetero_lr_0_roc"][3] == "79"
    assert by_name["hetero_lr_0_roc"][4].endswith("@ 0 to 1")
    assert by_name["hetero_lr_0_confusion_mat"][4] == ""
