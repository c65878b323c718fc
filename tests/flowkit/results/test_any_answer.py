"""Whatever an answer holds: it is read, or refused as an answer of another form; it never breaks a page."""

from __future__ import annotations

import contextlib
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit import ArgumentError, Reply, results
from flowkit.cli.flattening import flat, metric_rows
from flowkit.frames.replies import tabulate
from flowkit.report.collection import ComponentAnswers
from flowkit.report.sections import component_parts
from flowkit.results.answers import holds_metrics

READERS = [getattr(results, name) for name in results.__all__ if name.startswith("read_")]
#: Keys that the readers look for, so that what is made up gets past the first of them.
KEYS = [
    "data", "meta", "metric_type", "name", "thresholds", "retcode", "components", "input", "module",
    "binningResult", "hostResults", "splitPoints", "eventCountArray", "woeArray", "iv", "trees",
    "tree", "sitename", "id", "isLeaf", "weight", "header", "oneVsRestResult", "completedModels",
    "featureImportances", "importance", "localCorr", "names", "corr", "allNames", "parties",
    "featurePsi", "interval", "psi", "totalScore", "scorecard_compute_formula", "dependencies",
    "component_list", "component_name", "lr_0_roc", "lr_0_ks_tpr", "train", "tp", "fp", "tn", "fn",
]  # fmt: skip
TYPES = [
    "LOSS", "ROC_EVALUATION", "KS_EVALUATION", "CONFUSION_MAT", "PSI", "EVALUATION_SUMMARY",
    "PRECISION_BINARY_EVALUATION", "RECALL_MULTI_EVALUATION", "CONTINGENCY_MATRIX",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(TYPES)
    | st.text(max_size=5)
)
answers = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=25,
)
metrics = st.dictionaries(
    st.sampled_from(["train", "validate"]),
    st.dictionaries(
        st.sampled_from(["loss", "a_roc", "a_ks_tpr", "a_ks_fpr", "a"]),
        st.fixed_dictionaries(
            {
                "data": st.lists(
                    st.tuples(st.floats() | st.text(max_size=2), st.floats()), max_size=4
                ),
                "meta": st.fixed_dictionaries({"metric_type": st.sampled_from(TYPES)}),
            }
        ),
        max_size=3,
    ),
    max_size=2,
)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(answer=answers | metrics)
def test_a_reader_reads_it_or_says_that_it_is_of_another_form(read: Any, answer: Any) -> None:
    with contextlib.suppress(ArgumentError):
        read(answer)


@given(answer=answers | metrics)
def test_it_shows_itself(answer: Any) -> None:
    reply = Reply({"retcode": 0, "retmsg": "success", "data": answer})
    ET.fromstring(reply._repr_html_())
    assert len(repr(reply)) < 5000
    with contextlib.suppress(ArgumentError):
        columns = tabulate(reply)
        assert len({len(column) for column in columns.values()}) <= 1


@given(answer=answers | metrics)
def test_a_report_draws_it_or_says_that_it_cannot(answer: Any) -> None:
    data = answer if isinstance(answer, dict) else {}
    component = ComponentAnswers("a", "guest", "1", "A", data, data, data, data)
    with contextlib.suppress(ArgumentError):
        for part in component_parts(component):
            ET.fromstring(part) if part.count("<svg") == 1 else None


@given(answer=answers | metrics)
def test_a_table_has_no_nested_cells(answer: Any) -> None:
    assert not [value for _, value in flat(answer) if isinstance(value, dict)]
    if holds_metrics(answer):
        with contextlib.suppress(ArgumentError):
            columns, rows = metric_rows(json.loads(json.dumps(answer)))
            assert all(len(row) == len(columns) for row in rows)
