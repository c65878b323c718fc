"""The page of a report: one file of HTML, without script, and without a request to anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit.display.graphs import dag_svg
from flowkit.display.markup import Markup, element
from flowkit.display.tables import html_table
from flowkit.display.text import duration, short, symbol
from flowkit.errors import ArgumentError
from flowkit.report.collection import ComponentAnswers, JobAnswers, ask_job
from flowkit.report.sections import component_parts
from flowkit.rows import Row

if TYPE_CHECKING:
    from flowkit.client import FlowClient

__all__ = ["report_page", "write_report"]

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; border-bottom: 1px solid #8886; margin-top: 2.5rem; }
h3 { font-size: 1rem; }
table { border-collapse: collapse; margin: .8rem 0; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid #8884; padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; } .parts { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
.failure { border-left: 4px solid #d55e00; padding-left: 1rem; }
summary { cursor: pointer; } nav a { margin-right: 1rem; }
@media print { body { max-width: none; margin: 0; } nav { display: none; } svg, table { break-inside: avoid; } }
"""
#: Nothing may be loaded from anywhere, and no script may run, whatever the server has named things.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


def write_report(client: FlowClient, job_id: str) -> str:
    """Return a page about a job: its graph, and for each component and party of this server its charts and tables.

    Args:
        client: a client of a server that takes part in the job.
        job_id: the job.

    Returns:
        A whole HTML document. It loads nothing; every text of the server is escaped, secrets are masked.

    Raises:
        ArgumentError: the server does not know the job.
        FlowError: see `flowkit.errors`.
    """
    return report_page(ask_job(client, job_id))


def report_page(answers: JobAnswers) -> str:
    """Return the page of what was answered."""
    overview = answers.overview
    title = f"Job {overview.job_id}"
    facts = [
        {
            "status": f"{symbol(overview.status)} {overview.status}",
            "progress": f"{overview.progress} %",
            "took": "" if overview.elapsed is None else duration(overview.elapsed),
            "started": _started(overview.row),
            "initiator": overview.initiator,
            "parties": ", ".join(overview.parties),
        }
    ]
    failure = [element("p", answers.failure, class_="failure")] if answers.failure else []
    names = [node.name for node in overview.dag.nodes]
    sections = [
        _component(name, [one for one in answers.components if one.name == name]) for name in names
    ]
    links = [element("a", name, href=f"#{place}") for place, name in enumerate(names)]
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        element("title", title),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("h1", title),
        html_table(facts),
        *failure,
        element("nav", *links),
        element("div", dag_svg(overview.dag)),
        *(element("section", section, id=place) for place, section in enumerate(sections)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _started(row: Row) -> str:
    """Return when a job began to run; what the server sends where that is no date."""
    try:
        return str(row.started or "")[:19]
    except ValueError:
        return short(row.get("f_start_time"))


def _component(name: str, parties: list[ComponentAnswers]) -> Markup:
    module = parties[0].module if parties else ""
    blocks = [element("h2", f"{name} ({module})" if module else name)]
    for one in parties:
        try:
            parts = list(component_parts(one))
        except ArgumentError as error:  # an answer of a form that nobody has seen yet
            parts = [element("p", f"cannot be shown: {error}", class_="failure")]
        blocks += [element("h3", one.party), element("div", *parts, class_="parts")]
    if not parties:
        blocks.append(element("p", "This server has no results of it."))
    return element("div", *blocks)
