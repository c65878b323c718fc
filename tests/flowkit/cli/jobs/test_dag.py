"""``flowkit job dag``."""

from __future__ import annotations

from flowkit.demo.steps import train, upload
from flowkit_mockserver import MockServer
from terminal import run


def test_a_line_a_component() -> None:
    with MockServer(port=0) as server:
        with server.client() as flow:
            for name in ("guest", "host"):
                upload(flow, name)
            job_id = train(flow).job_id
            flow.job.wait(job_id)
        result = run("--url", server.url, "job", "dag", "-j", job_id)
        unknown = run("--url", server.url, "job", "dag", "-j", "1")
    first, *lines = result.stdout.splitlines()
    assert first == f"job {job_id}: success (100 %)"
    assert [line.split()[1] for line in lines] == [
        "reader_0", "dataio_0", "intersection_0", "feature_scale_0", "hetero_lr_0", "evaluation_0"
    ]  # fmt: skip
    assert "feature_scale_0 (train_data)" in lines[4]
    assert unknown.exit_code == 2
    assert "knows no job 1" in unknown.stderr
