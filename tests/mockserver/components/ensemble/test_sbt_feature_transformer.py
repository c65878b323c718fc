from __future__ import annotations

from component_bench import GUEST, Results, run, under, vertical
from flowkit_mockserver.components.core.interface import Model


def transform(trained: Results, **options: bool) -> Results:
    isometric = {
        party: [result.model]
        for party, result in trained.items()
        if isinstance(result.model, Model)
    }
    return run("SBTFeatureTransformer", under("data", vertical(80)), isometric=isometric, **options)


def trees() -> Results:
    return run("HeteroSecureBoost", under("train_data", vertical(80)), num_trees=2)


def test_the_leaves_of_trees_are_features() -> None:
    results = transform(trees())

    output = results[GUEST].tables[0]
    assert all(name.startswith("sbt_") for name in output.schema["header"])
    assert all(sum(row[1:]) == 2 for _, row in output.records)
    meta = results[GUEST].metrics["sbt_transformer"]["leaf_mapping"].meta
    assert meta["feat_name"] == output.schema["header"]


def test_sparse_features_are_integers() -> None:
    trained = trees()
    dense, sparse = (
        transform(trained, dense_format=dense)[GUEST].tables[0] for dense in (True, False)
    )

    assert (dense.schema.get("sparse"), sparse.schema["sparse"]) == (None, True)
    dense_row, sparse_row = (next(iter(table.records))[1] for table in (dense, sparse))
    assert dense_row == sparse_row
    assert {type(cell) for cell in dense_row[1:]} == {float}
    assert {type(cell) for cell in sparse_row[1:]} == {int}


def test_a_transformer_works_from_its_own_model() -> None:
    trained = trees()
    once = transform(trained)
    models = {party: result.model for party, result in once.items()}

    again = run(
        "SBTFeatureTransformer",
        under("data", vertical(80)),
        models=models,
        parties=list(models),
        job_type="predict",
    )

    assert list(again[GUEST].tables[0].records) == list(once[GUEST].tables[0].records)
