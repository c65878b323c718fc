"""Which line has which route, and what it needs there."""

from __future__ import annotations

import pytest

from flowkit.servers import LINES, line_of
from flowkit_mockserver import MockServer
from flowkit_mockserver.dialects.releases import release_with
from flowkit_mockserver.dialects.routes import ROUTES, find_route, rule_on


@pytest.mark.parametrize(
    ("method", "path", "lines"),
    [
        ("GET", "/job/log", ["1.5", "1.6"]),
        ("POST", "/job/log/download", ["1.7", "1.8", "1.9", "1.10", "1.11"]),
        ("POST", "/permission/grant", ["1.9", "1.10", "1.11"]),
        ("POST", "/table/preview", ["1.11"]),
        ("POST", "/job/query", ["1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11"]),
    ],
)
def test_a_route_is_there_from_one_line_to_another(
    method: str, path: str, lines: list[str]
) -> None:
    assert [line.name for line in LINES if rule_on(line, method, path) is not None] == lines


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/table/connector/create", "1.7.2"),
        ("/template/download", "1.7.1"),
        ("/log/cat", "1.7.1"),
        ("/worker/config/load", "1.11.1"),
    ],
)
def test_a_route_may_come_with_a_version_within_a_line(path: str, first: str) -> None:
    line = line_of(first)
    for version in line.fate_flow:
        there = rule_on(line, "POST", path, version) is not None
        assert there == (version >= first)
        with MockServer(fate_version=release_with(version) or version) as mock:
            answer = mock.app.test_client().post(f"/v1{path}", json={})
        assert (b"404" not in answer.data) == there


def test_parameters_of_a_path_do_not_matter() -> None:
    assert find_route("POST", "/component/<anything>/get").since == "1.7"


def test_no_route_is_listed_twice() -> None:
    paths = [route.path for route in ROUTES]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("line", [line.name for line in LINES])
def test_every_route_that_a_line_has_answers(line: str) -> None:
    with MockServer(fate_version=line) as mock:
        adapter = mock.app.url_map.bind("mock")
        for route in ROUTES:
            method, path = route.path.split(" ")
            there = rule_on(line_of(line), method, path)
            if there is not None:
                found = there.replace("<", "").replace(">", "")
                assert adapter.test(f"/v1{found}", method), route.path


@pytest.mark.parametrize(
    ("line", "there"), [("1.5", 1), ("1.6", 0), ("1.7", 1), ("1.8", 1), ("1.9", 0)]
)
def test_a_route_that_went_and_came_back(line: str, there: int) -> None:
    assert bool(rule_on(line_of(line), "POST", "/version/set")) is bool(there)


@pytest.mark.parametrize(("line", "checks"), [("1.6", 0), ("1.7", 1), ("1.8", 1), ("1.9", 0)])
def test_arguments_that_some_lines_check_first(line: str, checks: int) -> None:
    route = find_route("POST", "/model/get/predict/conf")

    assert route.checks(line_of(line)) is bool(checks)
