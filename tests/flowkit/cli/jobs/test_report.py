"""``flowkit job report``."""

from __future__ import annotations

from pathlib import Path

from flowkit.demo.steps import train, upload
from flowkit_mockserver import MockServer
from terminal import run


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    page = tmp_path / "pages" / "report.html"
    with MockServer(port=0) as server:
        with server.client() as flow:
            for name in ("guest", "host"):
                upload(flow, name)
            job_id = train(flow).job_id
            flow.job.wait(job_id)
        result = run("--url", server.url, "job", "report", "-j", job_id, "-o", str(page))
        shown = run("--url", server.url, "job", "report", "-j", job_id, "-o", "-")
        unknown = run(
            "--url", server.url, "job", "report", "-j", "1", "-o", str(tmp_path / "no.html")
        )
        blocked = run(
            "--url", server.url, "job", "report", "-j", job_id, "-o", str(page / "x.html")
        )
    assert (result.exit_code, result.stdout) == (0, "")
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert shown.stdout == page.read_text("utf-8")
    assert unknown.exit_code == blocked.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
