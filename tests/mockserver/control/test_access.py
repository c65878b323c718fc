"""Who may use the control API."""

from __future__ import annotations

import pytest

from flowkit_mockserver import MockServer, Settings
from flowkit_mockserver.control.access import refuse_control
from flowkit_mockserver.settings import check_token

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:9380"}
THERE = {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "mock.example:9380"}
SECRET = "correct horse battery"
OPEN = Settings(control_token=SECRET, allow_hosts=("mock.example",))


def test_a_script_on_this_machine_may() -> None:
    assert refuse_control(Settings(), HERE) is None
    assert refuse_control(OPEN, HERE) is None


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"REMOTE_ADDR": "10.0.0.9"}, b"answers this machine only"),
        ({"HTTP_HOST": "evil.example"}, b"answers this machine only"),
        ({"HTTP_ORIGIN": "http://evil.example"}, b"a page of another site"),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, b"a page of another site"),
    ],
)
def test_others_may_not(more: dict[str, str], why: bytes) -> None:
    refused = refuse_control(Settings(), {**HERE, **more})

    assert refused is not None
    assert refused.status_code == 403
    assert why in refused.get_data()


@pytest.mark.parametrize(
    "shown",
    [
        {"HTTP_X_FLOWKIT_CONTROL": SECRET},
        {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"},
        {"HTTP_AUTHORIZATION": f"bearer {SECRET}"},
    ],
)
def test_another_machine_may_with_the_token(shown: dict[str, str]) -> None:
    assert refuse_control(OPEN, {**THERE, **shown}) is None


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ({}, 401),
        ({"HTTP_X_FLOWKIT_CONTROL": "wrong"}, 401),
        ({"HTTP_X_FLOWKIT_CONTROL": "wr\xf6ng"}, 401),
        ({"HTTP_AUTHORIZATION": f"Basic {SECRET}"}, 401),
        ({"HTTP_X_FLOWKIT_CONTROL": SECRET, "HTTP_HOST": "evil.example"}, 403),
        ({"HTTP_X_FLOWKIT_CONTROL": SECRET, "HTTP_ORIGIN": "http://evil.example"}, 403),
    ],
)
def test_but_not_without_nor_from_a_page_of_another_site(
    shown: dict[str, str], status: int
) -> None:
    refused = refuse_control(OPEN, {**THERE, **shown})

    assert refused is not None
    assert refused.status_code == status
    assert SECRET.encode() not in refused.get_data()
    assert ("WWW-Authenticate" in refused.headers) == (status == 401)


def test_the_token_is_never_shown() -> None:
    assert SECRET not in repr(OPEN)
    with MockServer(control_token=SECRET) as mock:
        assert SECRET not in repr(mock.status())


@pytest.mark.parametrize("token", ["short", "", "x" * 15, "ä" * 20, "x" * 20 + "\n"])
def test_a_token_is_long_and_plain(token: str) -> None:
    with pytest.raises(ValueError, match="must have at least 16 characters") as raised:
        check_token(token)
    assert not token or token not in str(raised.value)


def test_every_verb_wants_it() -> None:
    with MockServer(control_token=SECRET, allow_hosts=["mock.example"]) as mock:
        http = mock.app.test_client()
        for rule in mock.app.url_map.iter_rules():
            if rule.rule.startswith("/_flowkit"):
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                    path = rule.rule.replace("<name>", "one")
                    answer = http.open(path, method=method, environ_overrides=THERE)
                    assert answer.status_code == 401, rule.rule
        assert mock.namespaces() == []
        answer = http.get(
            "/_flowkit", environ_overrides=THERE, headers={"X-Flowkit-Control": SECRET}
        )
        assert answer.status_code == 200
        answer = http.get("/_flowkit/namespaces/one/_flowkit", environ_overrides=THERE)
        assert answer.status_code == 401
        assert mock.namespaces() == []
