"""client.component: output data as a data frame."""

from __future__ import annotations

import pandas
import pytest

from flowkit import ArgumentError, OperationError
from flowkit.demo.steps import MODEL, train, upload
from flowkit_mockserver import MockServer


@pytest.mark.parametrize("line", ["1.6.1", "1.8"])
def test_predictions_have_their_columns_and_their_accuracy(line: str) -> None:
    with MockServer(fate_version=line) as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        flow.job.wait(job_id, timeout=60)
        frame = flow.component.output_frame(job_id, "guest", 9999, MODEL, library="pandas")
        first = flow.component.output_frame(job_id, "guest", 9999, MODEL, limit=1, library="polars")
        with pytest.raises(OperationError):
            flow.component.output_frame(job_id, "guest", 9999, "evaluation_0")
        with pytest.raises(ArgumentError, match="library must be"):
            flow.component.output_frame(job_id, "guest", 9999, MODEL, library="excel")
        refused = flow.with_options(on_error="reply").component.output_frame(
            job_id, "guest", 9999, "evaluation_0"
        )
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns[1:]) == [
        "label", "predict_result", "predict_score", "predict_detail", "type"
    ]  # fmt: skip
    detail = frame.predict_detail[0]
    assert detail["1"] == pytest.approx(frame.predict_score[0])
    assert set(frame.type) == {"train"}
    assert 0.6 < (frame.label == frame.predict_result).mean() < 1
    assert first.shape == (1, 6)
    assert refused["retcode"] != 0
