"""``flowkit demo``: a training from beginning to end, offline and on a port."""

from __future__ import annotations

import re

import pytest

from flowkit.demo import DATA
from flowkit.demo.generate import tables
from flowkit_mockserver import MockServer
from terminal import run


def test_the_bundled_tables_are_those_that_the_generator_makes() -> None:
    for name, text in tables().items():
        assert (DATA / name).read_text("utf-8") == text


def test_the_tables_overlap_but_do_not_coincide() -> None:
    made = tables()
    guest, host = (
        {line.partition(",")[0] for line in made[name].splitlines()[1:]}
        for name in ("guest.csv", "host.csv")
    )
    assert len(guest & host) >= 200
    assert guest - host
    assert host - guest


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


def test_it_can_be_repeated_on_the_same_server() -> None:
    with MockServer(port=0) as mock:
        assert run("demo", "--url", mock.url).exit_code == 0
        assert run("demo", "--url", mock.url).exit_code == 0


def test_a_training_that_fails_says_where_and_why() -> None:
    with MockServer(port=0) as mock:
        mock.fail("hetero_lr_0", "not enough memory")
        result = run("demo", "--url", mock.url)
    assert result.exit_code == 1
    assert re.search(r"hetero_lr_0 +failed", result.stdout)
    assert "hetero_lr_0" in result.stderr
    assert "not enough memory" in result.stderr
