"""Who is answered: hosts that the server goes by, no pages of other sites, credentials before anything else."""

from __future__ import annotations

import pytest

from flowkit import ManualClock
from flowkit_mockserver import MockServer
from flowkit_mockserver.http.access import host_allowed, refuse_head, sent_by_other_site
from flowkit_mockserver.settings import Demand, Settings


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        ("localhost", (), True),
        ("127.0.0.1", (), True),
        ("127.8.8.8", (), True),
        ("::1", (), True),
        ("flowkit.mock", (), True),
        ("evil.example", (), False),
        ("192.168.1.5", (), False),
        ("localhost.evil.example", (), False),
        ("", (), False),
        ("fate", ("fate",), True),
        ("fate", ("FATE.",), True),
        ("anything", ("*",), True),
        ("192.168.1.5", ("0.0.0.0",), True),
        ("fe80::1", ("::",), True),
        ("evil.example", ("0.0.0.0",), False),
    ],
)
def test_a_host_is_answered_for_when_the_server_was_told_it(
    host: str, allowed: tuple[str, ...], expected: bool
) -> None:
    assert host_allowed(host, allowed) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"HTTP_ORIGIN": "http://localhost:9380"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, False),
        ({"HTTP_SEC_FETCH_SITE": "none"}, False),
        ({"HTTP_ORIGIN": "http://evil.example"}, True),
        ({"HTTP_ORIGIN": "http://localhost:8080"}, True),
        ({"HTTP_ORIGIN": "null"}, True),
        ({"HTTP_ORIGIN": "http://[broken"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, True),
    ],
)
def test_a_browser_says_when_another_site_sends_a_request(
    headers: dict[str, str], expected: bool
) -> None:
    assert sent_by_other_site({"HTTP_HOST": "localhost:9380", **headers}) is expected


def test_a_rebound_name_is_refused_with_the_way_out() -> None:
    with MockServer() as mock:
        http = mock.app.test_client()

        answer = http.post("/v1/version/get", json={}, headers={"Host": "evil.example:9380"})

        assert answer.status_code == 403
        assert answer.json is not None
        assert "--allow-host evil.example" in answer.json["retmsg"]


def test_a_form_of_a_page_does_nothing_but_with_quirks() -> None:
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    for quirks, status in ((False, 403), (True, 200)):
        with MockServer(quirks=quirks) as mock:
            http = mock.app.test_client()

            assert http.post("/v1/job/clean/queue", headers=headers).status_code == status


@pytest.mark.parametrize("scheme", ["hmac", "bearer", "basic"])
@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"\xff"])
def test_credentials_come_before_anything_else(scheme: str, body: bytes) -> None:
    demand = Demand(scheme, "user", "secret", "1.7")  # type: ignore[arg-type]
    with MockServer(require_auth=demand) as mock:
        http = mock.app.test_client()

        answer = http.post("/v1/job/submit", data=body, content_type="application/json")

        assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/board/", "/board/job", "/board/static/board.js", "/index.html"])
def test_the_board_answers_for_its_own_hosts_only(path: str) -> None:
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_HOST": "rebound.example"}
    settings = Settings(allow_hosts=("board.example",))

    assert refuse_head(settings, ManualClock(0), environ) is not None
    environ["HTTP_HOST"] = "board.example:80"
    assert refuse_head(settings, ManualClock(0), environ) is None


@pytest.mark.parametrize(
    ("method", "headers", "answered"),
    [
        ("GET", {}, True),
        ("GET", {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_SEC_FETCH_MODE": "cors"}, True),
        # A link on another site.
        ("GET", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate",
                 "HTTP_SEC_FETCH_DEST": "document"}, True),
        # A frame, an image, a script of another site; a form.
        ("GET", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate",
                 "HTTP_SEC_FETCH_DEST": "iframe"}, False),
        ("GET", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "no-cors"}, False),
        ("POST", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate",
                  "HTTP_SEC_FETCH_DEST": "document"}, False),
    ],
)  # fmt: skip
def test_other_sites_may_link_to_the_board_and_no_more(
    method: str, headers: dict[str, str], answered: bool
) -> None:
    environ = {
        "PATH_INFO": "/board/",
        "REQUEST_METHOD": method,
        "HTTP_HOST": "localhost",
        **headers,
    }

    assert (refuse_head(Settings(), ManualClock(0), environ) is None) is answered


@pytest.mark.parametrize(
    ("remote", "host", "answered"),
    [
        ("127.0.0.1", "localhost", True),
        ("192.0.2.7", "localhost", False),
        ("127.0.0.1", "board.example", False),
    ],
)
def test_where_credentials_are_demanded_the_board_answers_this_machine_only(
    remote: str, host: str, answered: bool
) -> None:
    settings = Settings(allow_hosts=("*",), require_auth=Demand("hmac", "app", "secret"))
    environ = {
        "PATH_INFO": "/board/",
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": host,
        "REMOTE_ADDR": remote,
    }

    assert (refuse_head(settings, ManualClock(0), environ) is None) is answered
