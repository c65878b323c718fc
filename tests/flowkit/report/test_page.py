"""The page about a job: whole, quiet, escaped."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from flowkit import ArgumentError
from flowkit.demo import DATA
from flowkit.demo.steps import train, upload
from flowkit.jobs.overview import JobOverview
from flowkit.report import write_report
from flowkit.report.collection import ComponentAnswers, JobAnswers
from flowkit.report.page import report_page
from flowkit.results import read_dag
from flowkit.rows import Row
from flowkit_mockserver import MockServer
from recorded_results import answer

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


class Elements(HTMLParser):
    """Notes the elements of a page and what their attributes would load or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.loading: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "srcset", "data"} and not str(value).startswith("#"):
                self.loading.append(f"{tag} {name}={value}")
            if name.startswith("on"):
                self.loading.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(components: list[ComponentAnswers], **changes: Any) -> str:
    dsl = {"components": {one.name: {"module": one.module} for one in components}}
    overview = JobOverview(
        "1", "success", 100, 1500, "guest/9999", ("guest/9999",), read_dag(dsl), Row(**changes)
    )
    return report_page(JobAnswers(overview, tuple(components)))


def test_the_demo_from_its_graph_to_its_curves() -> None:
    with MockServer() as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        flow.job.wait(job_id)
        page = write_report(flow, job_id)
    found = Elements(page)
    assert page.startswith("<!DOCTYPE html>")
    assert not found.loading
    assert "script" not in found.tags
    assert {f"Job {job_id}", "Loss", "Coefficients", "income", "late_payments"} <= set(found.texts)
    titles = [text for text in found.texts if text.startswith(("ROC", "KS", "Lift", "Gain"))]
    assert len(titles) == 4
    assert any("Confusion matrix of hetero_lr_0 (train) at" in text for text in found.texts)


def test_a_job_that_failed_says_why() -> None:
    with MockServer() as server, server.client(on_error="reply") as flow:
        job = flow.job.submit(DATA / "train_conf.json", DATA / "train_dsl.json")
        flow.job.wait(job.job_id)
        page = write_report(flow, job.job_id)
    texts = Elements(page).texts
    assert any(text.startswith("reader_0 on ") for text in texts)
    assert "This server has no results of it." in texts


def test_an_unknown_job_is_refused() -> None:
    with (
        MockServer() as server,
        server.client() as flow,
        pytest.raises(ArgumentError, match="knows no job 1"),
    ):
        write_report(flow, "1")


@pytest.mark.parametrize(
    ("line", "metrics", "model", "summary", "expected"),
    [
        ("1.11", "evaluation", None, None, "PSI of the scores of hetero_lr_0: 0.1859"),
        ("1.6", None, "boosting", None, "Feature importance"),
        ("1.11", None, "boosting_of_host", None, "Trees (2 of 2)"),
        ("1.6", None, "binning", None, "Information value by feature"),
        ("1.6", None, "binning_of_host", None, "Bins; the guest has the counts"),
        ("1.11", None, "pearson", None, "Correlations across parties"),
        ("1.6", None, "psi", None, "PSI by feature"),
        ("1.6", None, None, "scorecard", "Score = 500 + 20 / ln(2) * ln(Odds)"),
        ("1.6", "clusters", None, None, "Clusters of hetero_kmeans_0"),
        ("1.6", "classes", None, None, "Recall by class, hetero_secure_boost_0"),
        ("1.6", None, "one_vs_rest", None, "Coefficients of class 3"),
    ],
)
def test_what_real_servers_answered_is_drawn(
    line: str, metrics: str | None, model: str | None, summary: str | None, expected: str
) -> None:
    def data(name: str | None) -> dict[str, Any]:
        return answer(line, name)["data"] if name else {}

    component = ComponentAnswers(
        "x_0", "guest", "9999", "X", data(metrics), data(model), data(summary)
    )
    found = Elements(page_of([component]))
    assert expected in found.texts
    assert not found.loading


def test_hostile_names_stay_text() -> None:
    metrics = json.loads(
        json.dumps(answer("1.6", "evaluation")["data"]).replace(
            "hetero_lr_0", json.dumps(HOSTILE)[1:-1]
        )
    )
    component = ComponentAnswers(
        HOSTILE, "guest", "9999", HOSTILE, metrics, {"weight": {HOSTILE: 1.0}}, {HOSTILE: HOSTILE},
        {"password": "hunter2"}, {"model": HOSTILE},
    )  # fmt: skip
    page = page_of([component])
    found = Elements(page)
    assert not found.loading
    assert not {"script", "img"} & set(found.tags)
    assert any(HOSTILE in text for text in found.texts)
    assert "hunter2" not in page


def test_an_answer_of_an_unknown_form_is_said_and_hides_nothing_else() -> None:
    odd = ComponentAnswers("odd_0", "guest", "9", "X", {"train": 3})
    good = ComponentAnswers("lr_0", "guest", "9", "X", model={"weight": {"x0": 1.0}})
    texts = Elements(page_of([odd, good])).texts
    assert any(text.startswith("cannot be shown: metrics.train") for text in texts)
    assert "x0" in texts


def test_the_page_forbids_itself_to_load_anything() -> None:
    policy = re.search(
        r'Content-Security-Policy" content="([^"]*)"',
        page_of([ComponentAnswers("x", "guest", "9", "")]),
    )
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'unsafe-inline'")
