"""What holds for every page: a strict policy, no inline code, nothing from elsewhere, hostile names as text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import flowkit_mockserver.board
from boarding import Board, text_of
from flowkit import FlowClient, ManualClock, Retry
from flowkit_inprocess import InProcess
from flowkit_mockserver.board.application import create_board
from flowkit_mockserver.board.source import Source
from flowkit_mockserver.settings import Settings

HOME = Path(flowkit_mockserver.board.__file__).parent
VENDOR = HOME / "static" / "vendor"
HOSTILE = '"><img src=x onerror=alert(1)>'
#: The address of the standard, which an SVG must name.
NAMESPACE = "http://www.w3.org/2000/svg"


def pages(board: Board) -> Iterator[tuple[str, str]]:
    """Yield the rule and an address of every page that can be looked at."""
    query = urlencode({
        **board.component("evaluation_0"), "namespace": "flowkit_demo", "name": "guest", "tag": "none",
        "model_id": board.trained.model_id, "model_version": board.trained.model_version,
    })  # fmt: skip
    both = urlencode({"job_id": [board.trained.job_id, board.failed.job_id]}, doseq=True)
    source = Source(lambda: board.flow, "mock", "a mock", board.mock.app.wsgi_app)
    app = create_board(source, Settings(), ManualClock(0))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("board") and "GET" in (rule.methods or ()):
            path = str(rule).replace("<path:filename>", "board.js")
            yield rule.endpoint, f"{path}?{both if 'compare' in path else query}"


def test_every_page_has_a_strict_policy(board: Board) -> None:
    looked_at = 0
    for endpoint, address in pages(board):
        answer = board.mock.app.test_client().get(address)
        answer.close()  # of a file that was sent
        if endpoint in ("board_root", "root"):
            assert answer.status_code == 302
            continue
        looked_at += 1
        assert answer.status_code == 200, (address, answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert looked_at > 15


def test_no_page_holds_code_or_style_or_anything_from_elsewhere(board: Board) -> None:
    for _, address in pages(board):
        with board.mock.app.test_client().get(address) as answer:
            html = answer.text
        if not html.lstrip().startswith("<"):
            continue
        assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html), address
        assert not re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", html), address
        assert not re.findall(r"<style", html), address
        for where in re.findall(r"""(?:src|href|action|hx-get)="([^"]*)""", html):
            assert where.startswith(("/", "#")), (address, where)


def test_what_is_served_beside_the_pages_names_no_other_site() -> None:
    for path in HOME.glob("static/*"):
        if path.is_file():
            found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", path.read_text("utf-8"))
            assert set(found) <= {NAMESPACE}, path


def test_what_comes_from_others_is_what_they_published() -> None:
    lines = (VENDOR / "VENDORED.txt").read_text("utf-8").splitlines()[1:]
    hashes = {name: digest for name, *_, digest in map(str.split, lines)}

    assert {path.name for path in VENDOR.iterdir()} == {*hashes, "VENDORED.txt"}
    for name, digest in hashes.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def answer_hostile(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer as a server would whose every name is an attack."""
    row = {
        "f_job_id": "202601010000000000000", "f_role": HOSTILE, "f_party_id": HOSTILE, "f_status": HOSTILE,
        "f_party_status": HOSTILE, "f_component_name": HOSTILE, "f_description": HOSTILE, "f_progress": 1,
        "f_initiator_role": HOSTILE, "f_initiator_party_id": HOSTILE,
        "f_dsl": {"components": {HOSTILE: {"module": HOSTILE}, "b": {"input": {"data": {HOSTILE: [f"{HOSTILE}.x"]}}}}},
        "f_runtime_conf": {"job_parameters": {"common": {"job_type": HOSTILE, "model_id": HOSTILE}},
                           "table": {"name": HOSTILE, "namespace": HOSTILE}},
        "f_model_id": HOSTILE, "f_model_version": HOSTILE,
    }  # fmt: skip
    metrics = {
        HOSTILE: {
            HOSTILE: {"data": [[HOSTILE, HOSTILE]], "meta": {"metric_type": HOSTILE}},
            "roc": {
                "data": [[0, 0], [1, 1]],
                "meta": {"metric_type": "ROC_EVALUATION", "name": HOSTILE},
            },
            "auc": {"data": [[HOSTILE, 1]], "meta": {"metric_type": "EVALUATION_SUMMARY"}},
        }
    }
    answers: dict[str, Any] = {
        "job/query": [row], "job/list/job": [row], "job/task/query": [row],
        "tracking/component/metric/all": metrics,
        "tracking/component/parameters": {"module": HOSTILE, "Param": {HOSTILE: HOSTILE}},
        "tracking/component/output/model": {"weight": {HOSTILE: 1.0}, "intercept": 0, "header": [HOSTILE]},
        "tracking/component/summary/download": {HOSTILE: HOSTILE},
        "tracking/component/output/data": [[[HOSTILE, {HOSTILE: 1}]]],
        "table/table_info": {"exist": 1, "count": HOSTILE, "schema": {"header": HOSTILE}},
        "model/query": [row], "model/model_tag/retrieve": {"tags": [{"name": HOSTILE}]},
        "model/tag/list": {"tags": [{"name": HOSTILE, "description": HOSTILE, "model_count": HOSTILE}]},
        "model/tag/retrieve": {"models": [row]},
    }  # fmt: skip
    path = environ["PATH_INFO"].removeprefix("/v1/")
    meta = {"header": [[HOSTILE, HOSTILE]], "names": [HOSTILE], "total": [1]}
    reply = {"retcode": 0, "retmsg": HOSTILE, "data": answers.get(path), "meta": meta}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(reply).encode()]


def test_hostile_names_stay_text() -> None:
    client = FlowClient(plugins=[InProcess(answer_hostile)], server="1.6")
    clock = ManualClock(0)
    app = create_board(Source(lambda: client, "server", HOSTILE), Settings(), clock)
    shown = []
    query = {
        "job_id": "202601010000000000000", "role": HOSTILE, "party_id": HOSTILE, "component": HOSTILE,
        "namespace": HOSTILE, "name": HOSTILE, "tag": HOSTILE, "model_id": HOSTILE,
        "model_version": "202601010000000000000", "text": HOSTILE, "file": HOSTILE,
    }  # fmt: skip
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("board.") and "GET" in (rule.methods or ()):
            for given in (query, {"job_id": ["202601010000000000000", HOSTILE]}, {}):
                path = f"{rule}?{urlencode(given, doseq=True)}".replace("<path:filename>", HOSTILE)
                answer = app.test_client().get(path)
                if answer.mimetype == "text/html":
                    assert "<img" not in answer.text, path
                    shown.append((rule.endpoint, answer.status_code, answer.text))

    pages = {name: text_of(html) for name, code, html in shown if code == 200}
    for name in ("jobs", "job", "component", "tables", "table", "model", "models", "tags"):
        assert HOSTILE in pages[f"board.{name}"], name
    client.close()


def test_a_server_that_cannot_be_asked_is_said_so() -> None:
    with FlowClient("127.0.0.1", 9, retry=Retry(attempts=1), server="1.6") as client:
        source = Source(lambda: client, "server", "nowhere")
        answer = create_board(source, Settings(), ManualClock(0)).test_client().get("/board/")

    assert answer.status_code == 502
    assert "No answer" in answer.text


def test_an_answer_of_an_unknown_form_is_said_so(caplog: pytest.LogCaptureFixture) -> None:
    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        row = {"f_job_id": "202601010000000000000", "f_status": "success", "f_elapsed": {"odd": 1}}
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"retcode": 0, "retmsg": "", "data": [row]}).encode()]

    with FlowClient(plugins=[InProcess(answer)], server="1.6") as client:
        source = Source(lambda: client, "server", "an odd one")
        shown = create_board(source, Settings(), ManualClock(0)).test_client().get("/board/")

    assert shown.status_code == 502
    assert (
        "has a form that is not known here: ValueError: f_elapsed must be milliseconds"
        in text_of(shown.text)
    )
    assert "/board/ cannot be shown" in caplog.text
