"""``flowkit demo``: offline, and with a server."""

from __future__ import annotations

import re

import pytest

from flowkit_mockserver import MockServer
from terminal import run


def test_offline_it_trains_evaluates_deploys_and_predicts() -> None:
    result = run("demo")
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert "a mock server in this process" in text
    assert "Uploaded table guest: 218 customers" in text
    for component in ("reader_0", "intersection_0", "hetero_lr_0", "evaluation_0"):
        assert re.search(rf"{component} +success", text)
    assert float(re.search(r"auc +([\d.]+)", text)[1]) > 0.7  # type: ignore[index]
    assert "Deployed model arbiter-10000#guest-9999#host-10000#model" in text
    assert len(re.findall(r"\n +c\d{4} ", text)) == 5


@pytest.mark.parametrize("place", ["demo", "root"])
def test_with_an_address_it_uses_that_server(place: str) -> None:
    with MockServer(port=0) as mock:
        address = ["--url", mock.url]
        words = ["demo", *address] if place == "demo" else [*address, "demo"]
        result = run(*words)
        assert result.exit_code == 0, result.output
        assert f"FATE Flow: {mock.url}" in result.stdout
        with mock.client() as client:
            assert client.table.info("flowkit_demo", "guest").data["count"] == 218
