"""Where the board reads."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError, FlowError, demo
from flowkit_mockserver import MockServer
from flowkit_mockserver.board.source import Part, Source, attempt, mock_client
from flowkit_mockserver.settings import Demand


def test_a_part_holds_what_was_read_or_why_it_could_not_be() -> None:
    def refuse(text: str) -> str:
        raise FlowError(text)

    assert attempt(str.upper, "yes") == Part("YES", "")
    assert attempt(refuse, "no") == Part(None, "no")
    with pytest.raises(ZeroDivisionError):
        attempt(divmod, 1, 0)


def test_the_client_is_made_once_and_when_it_is_first_needed() -> None:
    with MockServer() as mock:
        made = []

        def make() -> object:
            made.append(mock.client())
            return made[-1]

        source = Source(make, "server", "a server")  # type: ignore[arg-type]
        assert not made
        assert source.client is source.client
        assert len(made) == 1
        source.close()


def test_the_board_of_a_mock_needs_no_credentials_and_no_plugins_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWKIT_PLUGINS", "record,logging")
    monkeypatch.setenv("FLOWKIT_URL", "http://elsewhere.example")
    with MockServer(require_auth=Demand("hmac", "app", "a secret")) as mock:
        client = mock_client(mock.app.wsgi_app, "1.6.1", mock.state.clock)

        assert client.tag.list().data == {"tags": []}
        client.close()


def test_a_request_over_http_cannot_pass_for_one_of_the_board() -> None:
    with MockServer(require_auth=Demand("basic", "me", "a secret")) as mock:
        answer = mock.app.test_client().post(
            "/v1/model/tag/list",
            json={},
            headers={"flowkit.from_board": "1", "Flowkit-From-Board": "1"},
        )

    assert answer.json["retcode"] != 0 if answer.is_json else answer.status_code >= 400


def test_errors_of_the_configuration_are_errors_of_flowkit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWKIT_PROFILE", "none")
    with MockServer() as mock, pytest.raises(ArgumentError, match="profile"):
        mock_client(mock.app.wsgi_app, "1.6.1", mock.state.clock)


def test_each_namespace_has_a_board_of_its_own() -> None:
    with MockServer(port=0) as mock, mock.namespace("worker-1") as world:
        with world.client() as flow:
            demo.upload(flow, "guest")
            (row,) = flow.job.list().rows
            (url,) = flow.job.url(row.job_id, "local", 0).data["board_url"]
        assert url.startswith(
            f"{mock.url}/_flowkit/namespaces/worker-1/index.html#/dashboard?job_id="
        )

        http = mock.app.test_client()
        page = http.get("/_flowkit/namespaces/worker-1/board/").text
        own = http.get("/board/").text

    assert row.job_id in page
    assert 'href="/_flowkit/namespaces/worker-1/board/job?job_id=' in page
    assert row.job_id not in own


def test_what_the_board_asks_is_not_in_the_journal() -> None:
    with MockServer() as mock:
        http = mock.app.test_client()
        http.get("/board/")
        http.get("/board/nowhere")

        assert mock.requests() == []
