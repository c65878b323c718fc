"""HomoLR of 1.10 and 1.11 over more than two classes."""

from __future__ import annotations

import json

import pytest

from component_bench import ARBITER, GUEST, HOST, instances, run
from flowkit.servers import line_of
from flowkit_mockserver.dialects.behaviour import behaviour_of

pytest.importorskip(
    "torch", reason="HomoLR of these lines is trained on torch over several classes"
)


def test_predictions_over_several_classes_can_be_stored() -> None:
    rows = {str(i): [i % 3 / 2, i % 5 / 4] for i in range(30)}
    labels = [i % 3 for i in range(30)]
    data = instances(rows, ["x0", "x1"], labels)

    results = run(
        "HomoLR",
        {GUEST: {"train_data": data}, HOST: {"train_data": data}, ARBITER: {}},
        max_iter=2,
        batch_size=-1,
        behaviour=behaviour_of(line_of("1.11")),
    )

    rows_put_out = list(results[GUEST].tables[0].records)
    assert json.loads(json.dumps(rows_put_out[0][1]))[0] in (0, 1, 2)
    assert {row[1] for _, row in rows_put_out} <= {0, 1, 2}
