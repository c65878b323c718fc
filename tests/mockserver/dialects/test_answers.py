"""Answers that the lines from 1.7 on give each in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver import MockServer
from flowkit_mockserver.dialects import dialect_of
from flowkit_mockserver.dialects.answers import refusal, text
from flowkit_mockserver.errors import HttpRefusal, Refusal

UNKNOWN = {"model_id": "a", "model_version": "b", "role": "guest", "party_id": "1"}
TASK = {"job_id": "1", "role": "guest", "party_id": "1", "component_name": "a"}


def test_an_answer_is_that_of_the_last_line_that_changed_it() -> None:
    old, new = (
        refusal(dialect_of(line), "no such operation of data", name="zz")
        for line in ("1.8", "1.10")
    )

    assert isinstance(old, Refusal)
    assert (old.retcode, old.retmsg) == (100, "can not support this operating: zz")
    assert isinstance(new, HttpRefusal)
    assert (new.code, new.retmsg) == (400, "Cannot support this operating: zz")


def test_an_answer_that_a_line_does_not_have_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError, match=r"1\.8 has no answer 'no such part'"):
        text(dialect_of("1.8"), "no such part", name="x")


@pytest.mark.parametrize(
    ("path", "body", "answers"),
    [
        ("model/export", UNKNOWN, {"1.8": (210, "is not exist."), "1.9": (404, "does not exist.")}),
        (
            "model/deploy",
            UNKNOWN,
            {"1.8": (200, "no model a b found."), "1.9": (404, "not found.")},
        ),
        ("model/load", {"job_id": "1"}, {"1.8": (200, "model with version 1 can not be found")}),
        (
            "model/bind",
            {"job_id": "1"},
            {"1.8": (200, "model 1 can not be"), "1.9": (200, "Model 1 can")},
        ),
        (
            "model/query",
            UNKNOWN,
            {"1.8": (200, "from db. Try"), "1.9": (200, "db and local model files.")},
        ),
        ("model/zz", UNKNOWN, {"1.8": (200, "Can not support this operating now: zz")}),
        ("data/zz", {}, {"1.8": (200, "can not support"), "1.9": (400, "Cannot support")}),
        ("component/validate", {}, {"1.9": (400, "bad request"), "1.10": (400, "Bad Request")}),
        (
            "info/eggroll",
            {},
            {"1.9": (404, "only available on cluster mode"), "1.10": (503, "Unavailable")},
        ),
        ("info/mysql", {}, {"1.9": (404, "only available on cluster mode")}),
        (
            "version/get",
            {"module": "x"},
            {"1.8": (200, "success"), "1.9": (404, "invalid module, please")},
        ),
        ("tracking/component/output/model", TASK, {"1.8": (200, "attribute 'dsl'")}),
        ("log/cat", {"log_type": "zz", "job_id": "1"}, {"1.8": (200, "no found log  type zz")}),
        (
            "resource/return",
            {"job_id": "1"},
            {"1.8": (200, "no found job 1"), "1.9": (200, "Exception('no")},
        ),
        (
            "job/list/task",
            {"order_by": "task_version"},
            {"1.8": (400, "'order_by'"), "1.9": (200, "unpack")},
        ),
        (
            "provider/register",
            {"name": "fate", "version": "1", "path": "/x"},
            {"1.8": (400, "invalid path"), "1.9": (400, "path '/x' is not a directory")},
        ),
    ],
)
def test_a_line_refuses_in_its_own_words(
    path: str, body: dict[str, Any], answers: dict[str, tuple[int, str]]
) -> None:
    for line, (status, words) in answers.items():
        with MockServer(fate_version=line) as mock:
            answer = mock.app.test_client().post(f"/v1/{path}", json=body)
        assert (answer.status_code, words in answer.get_json()["retmsg"]) == (status, True), line


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("1.7", {"address"}),
        ("1.8", {"address", "enable", "origin"}),
        ("1.11", {"address", "enable", "origin", "extend_sid"}),
    ],
)
def test_a_table_is_described_as_far_as_the_line_does(line: str, facts: set[str]) -> None:
    with MockServer(fate_version=line) as mock:
        answer = mock.app.test_client().post("/v1/table/table_info", json={"name": "a"})
    common = {"table_name", "namespace", "exist", "count", "partition", "schema"}
    assert answer.get_json()["data"].keys() == common | facts
