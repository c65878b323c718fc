"""The mock is held to what a real FATE Flow 1.11.2 (FATE 1.11.4) answered, in a recorded session and when asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowkit_mockserver import MockServer

JOB_ID = re.compile(r"\b20\d{19}\b")


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with MockServer(fate_version="1.11.4") as mock:
        mock.app.config["PROPAGATE_EXCEPTIONS"] = False
        yield mock.app.test_client()


def read_cases(name: str) -> list[dict[str, Any]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", ["recorded.jsonl", "asked.jsonl"])
def test_every_answer_is_that_of_the_real_server(client: FlaskClient, name: str) -> None:
    for case in read_cases(name):
        headers = {"Content-Type": case["type"]} if case["type"] else {}
        answer = client.open(
            case["target"], method=case["method"], data=case["body"].encode(), headers=headers
        )
        text = JOB_ID.sub("<id>", answer.get_data(as_text=True))
        assert (answer.status_code, json.loads(text)) == (case["status"], case["answer"]), case
