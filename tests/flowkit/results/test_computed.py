"""What the mock computes reads like what real servers recorded."""

from __future__ import annotations

import pytest

from flowkit.demo.steps import EVALUATION, MODEL, train, upload
from flowkit.results import read_coefficients, read_dependencies, read_loss, read_roc
from flowkit_mockserver import MockServer


@pytest.mark.parametrize("line", ["1.6.1", "1.8"])
def test_the_demo_from_submit_to_curves(line: str) -> None:
    with MockServer(fate_version=line) as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        flow.job.wait(job_id, timeout=60)
        (roc,) = read_roc(flow.component.metric_all(job_id, "guest", 9999, EVALUATION))
        (loss,) = read_loss(flow.component.metric_all(job_id, "arbiter", 10000, MODEL))
        (weights,) = read_coefficients(flow.component.output_model(job_id, "guest", 9999, MODEL))
        rows = flow.task.query(job_id).rows
        dag = read_dependencies(flow.component.dependency(job_id, "guest", 9999), rows)
    assert roc.auc is not None
    assert 0.8 < roc.auc < 1
    assert loss.x == tuple(range(len(loss.y)))
    assert loss.y[0] == pytest.approx(0.693147, abs=1e-6)
    assert loss.y[-1] < loss.y[0]
    assert list(weights.weights) == ["income", "debt_ratio", "age", "tenure"]
    assert {node.status for node in dag.nodes} == {"success"}
    assert len(dag.layers) == 6
