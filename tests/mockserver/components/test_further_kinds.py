from __future__ import annotations

from typing import Any

import pytest

from component_bench import (
    ARBITER,
    GUEST,
    HOST,
    Results,
    column,
    instances,
    keys,
    predict,
    run,
    under,
    vertical,
)
from flowkit_mockserver.components.core.interface import ComponentFailed, Model, TableData

THREE = [GUEST, HOST, ARBITER]


def model_of(result: Any) -> Model:
    assert isinstance(result.model, Model)
    return result.model


# Clusters


def blobs() -> dict[Any, TableData]:
    ours = {str(i): [float(i % 3) * 10 + i / 100] for i in range(30)}
    theirs = {str(i): [float(i % 3) * -10 + i / 100] for i in range(30)}
    return {
        GUEST: instances(ours, ["x0"], [i % 3 for i in range(30)]),
        HOST: instances(theirs, ["x0"]),
    }


def clusters() -> Results:
    return run(
        "HeteroKmeans",
        under("train_data", blobs()),
        parties=THREE,
        k=3,
        max_iter=10,
        random_stat=4,
    )


def test_clusters_are_what_lies_together() -> None:
    results = clusters()

    found = {label: set() for label in range(3)}
    for label, cluster, _ in (value for _, value in results[GUEST].tables[0].records):
        found[label].add(cluster)
    assert sorted(map(len, found.values())) == [1, 1, 1]
    curve = results[ARBITER].metrics["train"]["DBI"]
    assert curve.data[-1][1] < 0.1
    assert curve.meta["metric_type"] == "DBI"
    shape = [value for _, value in results[ARBITER].tables[0].records]
    assert [row[0] for row in shape] == [10, 10, 10]
    detail = model_of(results[GUEST]).param["clusterDetail"]
    assert [row["cluster"][1] for row in detail] == [10.0, 10.0, 10.0]


def test_clusters_are_evaluated() -> None:
    results = clusters()

    found = run(
        "Evaluation",
        {
            GUEST: {"data": [("kmeans_0", results[GUEST].tables[0])]},
            ARBITER: {"data": [("kmeans_0", results[ARBITER].tables[0])]},
        },
        eval_type="clustering",
        metrics=["adjusted_rand_score", "contingency_matrix", "davies_bouldin_index"],
    )

    assert found[GUEST].metrics["train"]["kmeans_0"].data == [["adjusted_rand_score", 1.0]]
    assert found[ARBITER].metrics["train"]["kmeans_0"].data[0][0] == "davies_bouldin_index"


def test_new_samples_join_the_nearest_cluster() -> None:
    trained = clusters()

    later = predict("HeteroKmeans", trained, under("test_data", blobs()), k=3)

    assert column(later[GUEST].tables[0], 1) == column(trained[GUEST].tables[0], 1)
    assert later[ARBITER].metrics == {}


def test_more_clusters_than_samples_fail() -> None:
    with pytest.raises(ComponentFailed, match="K is too larger"):
        run("HeteroKmeans", under("train_data", vertical(3)), parties=THREE, k=9)


# Scores


def test_a_scorecard_turns_probabilities_into_points() -> None:
    tables = vertical(40)
    trained = run("HeteroLR", under("train_data", tables), parties=THREE, max_iter=3)

    result = run("Scorecard", {GUEST: {"data": trained[GUEST].tables[0]}})[GUEST]

    output = result.tables[0]
    assert output.schema["header"] == [
        "label",
        "predict_result",
        "predict_score",
        "credit_score",
    ]
    points = {row[2]: row[3] for _, row in output.records}
    ordered = sorted(points)
    assert points[ordered[0]] >= points[ordered[-1]]


def test_a_baseline_learns_alone() -> None:
    tables = vertical(60)

    results = run(
        "LocalBaseline",
        under("train_data", tables),
        model_name="LogisticRegression",
        by_party={HOST: {"need_run": False}},
    )

    rows = [row for _, row in results[GUEST].tables[0].records]
    assert sum(row[0] == row[1] for row in rows) / len(rows) > 0.7
    later = predict(
        "LocalBaseline",
        results,
        under("test_data", tables),
        model_name="LogisticRegression",
        by_party={HOST: {"need_run": False}},
    )
    assert column(later[GUEST].tables[0], 1) == [row[1] for row in rows]


# Protocols


def test_values_of_ids_are_retrieved() -> None:
    guest = instances({"a": [1.0], "z": [2.0]}, ["x0"])
    host = instances({"a": [5.0], "b": [6.0]}, ["x0"], ["yes", "no"])

    results = run("SecureInformationRetrieval", {GUEST: {"data": guest}, HOST: {"data": host}})

    assert list(results[GUEST].tables[0].records) == [("a", ["yes"]), ("z", ["unretrieved"])]
    assert results[HOST].tables == [host]
    metric = results[GUEST].metrics["train"]["sir"]
    assert metric.data == [["Coverage", 0.5], ["Block number", 45]]
    assert model_of(results[GUEST]).param == {"coverage": 0.5, "blockNum": "45"}


def test_values_can_be_retrieved_openly() -> None:
    results = run(
        "SecureInformationRetrieval",
        under("data", vertical(3)),
        raw_retrieval=True,
    )

    assert ["Block number", "N/A"] in results[GUEST].metrics["train"]["sir"].data


def test_columns_are_summed_over_the_parties() -> None:
    one = instances({"a": [1.0, 2.0], "b": [3.0, 4.0]}, ["x0", "x1"])
    two = instances({"a": [10.0, 20.0], "b": [30.0, 40.0]}, ["x0", "x1"])

    results = run("FeldmanVerifiableSum", {GUEST: {"data": one}, HOST: {"data": two}}, sum_cols=[1])

    assert results[GUEST].tables[0].schema["header"] == ["x1"]
    assert list(results[GUEST].tables[0].records) == [("a", [22.0]), ("b", [44.0])]
    assert results[HOST].tables == []


def test_a_toy_leaves_nothing_behind() -> None:
    results = run("SecureAddExample", parties=[GUEST, HOST])

    assert all(not result.tables and result.model is None for result in results.values())


def test_ids_are_encrypted_and_stored() -> None:
    stored: list[Any] = []

    def write(namespace: str, name: str, table: TableData, destroy: bool) -> int:
        stored.append((namespace, name, len(table.records)))
        return len(table.records)

    results = run(
        "Rsa",
        under("data", {GUEST: vertical(3)[GUEST]}),
        rsa_key_d=7,
        rsa_key_n=1000003,
        save_out_table_namespace="safe",
        save_out_table_name="ids",
        write_table=write,
    )

    assert stored == [("safe", "ids", 3)]
    assert sorted(value for _, value in results[GUEST].tables[0].records) == ["0", "1", "2"]
    assert all(len(key) == 64 for key in keys(results[GUEST].tables[0]))


def test_ids_are_not_encrypted_without_a_key() -> None:
    with pytest.raises(ComponentFailed, match="RSA key"):
        run("Rsa", under("data", {GUEST: vertical(3)[GUEST]}))
