"""The server's own answer."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, ManualClock, Response, Retry
from flowkit.doctor.finding import Finding, State
from flowkit.doctor.server import examine_clock, examine_server
from lines import listening, second_generation

NOW = 1_600_000_000.0


def found(*answers: Response | Exception, server: str = "1.6") -> dict[str, Finding]:
    client = FlowClient(plugins=[Server(*answers)], server=server, retry=Retry(attempts=1))
    return {finding.subject: finding for finding in examine_server(client)}


def version(number: str | None) -> Response:
    return envelope({"FATE": number})


def test_a_server_of_the_right_line_is_fine() -> None:
    findings = found(version("1.6.1"), envelope([]))
    assert {finding.state for finding in findings.values()} == {State.OK, State.SKIPPED}
    assert findings["server"].text == "FATE 1.6.1; flowkit talks to it as to line 1.6"


def test_another_line_is_a_problem_with_the_option_to_give() -> None:
    assert found(version("1.11.4"), envelope([]))["server"].mend.startswith("say --server 1.11")
    assert found(version("1.6.1"), envelope([]), server="1.11")["server"].state is State.PROBLEM


def test_a_server_that_was_asked_is_fine_whatever_its_line() -> None:
    told = envelope({"FATE": "1.9.0", "API": "v1"})
    client = FlowClient(plugins=[Server(told, envelope([]), version="1.9.0")])
    finding = next(one for one in examine_server(client) if one.subject == "server")
    text = "FATE 1.9.0; flowkit talks to it as to line 1.9, as the server says"
    assert (finding.state, finding.text) == (State.OK, text)


def test_a_line_that_is_not_known_yet_is_a_warning() -> None:
    client = FlowClient(plugins=[Server(version("1.13.0"), envelope([]), version="1.13.0")])
    finding = next(one for one in examine_server(client) if one.subject == "server")
    assert finding.state is State.WARNING
    assert finding.text.endswith(
        "as to line 1.11, as the server says, the nearest one that it knows"
    )


def test_fate_flow_2_is_named_with_its_version() -> None:
    with listening(second_generation()) as (port, _), FlowClient("127.0.0.1", port) as client:
        findings = {finding.subject: finding for finding in examine_server(client)}
    assert findings["HTTP"].state is State.OK
    assert findings["server"].state is State.PROBLEM
    assert "is FATE Flow 2.2.0: its API is another one" in findings["server"].text
    assert findings["server"].mend == "use fate-client 2.2.0, or a server of FATE Flow 1.x"


def test_a_version_that_is_not_told_is_asked_for() -> None:
    findings = found(envelope({"null": None}), version("1.6.1"), envelope([]))
    assert findings["server"].text.startswith("FATE 1.6.1")
    assert found(envelope({}), version(None), envelope([]))["server"].state is State.OK


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        (401, "enable the plugin bearer or basic"),
        (503, "start FATE Flow"),
        (302, "use the address that it redirects to"),
        (404, "something else listens there"),
    ],
)
def test_a_foreign_page_is_a_problem(status: int, mend: str) -> None:
    findings = found(Response(status, {"Content-Type": "text/html"}, b"<h1>no</h1>"))
    assert findings["HTTP"].state is State.PROBLEM
    assert mend in findings["HTTP"].mend


def test_no_answer_is_a_problem() -> None:
    assert found(ConnectionFailed("broke off"))["HTTP"].state is State.PROBLEM


def test_credentials_that_are_wanted_are_a_problem() -> None:
    findings = found(envelope(retcode=109, retmsg="requirement headers parameters: [...]"))
    assert findings["HTTP"].state is State.OK
    assert findings["permissions"].state is State.PROBLEM
    assert "FLOWKIT_APP_KEY" in findings["permissions"].mend


def test_another_refusal_is_a_problem_of_the_server() -> None:
    assert found(envelope(retcode=100, retmsg="no database"))["server"].state is State.PROBLEM


def test_a_permission_that_lacks_is_a_problem() -> None:
    findings = found(version("1.6.1"), envelope(retcode=108, retmsg="permission denied"))
    assert findings["permissions"].text == "job.query: permission denied"
    assert findings["permissions"].state is State.PROBLEM


def test_a_refused_query_is_no_lack_of_permission() -> None:
    findings = found(version("1.6.1"), envelope(retcode=101, retmsg="no such job"))
    assert findings["permissions"].state is State.OK


@pytest.mark.parametrize(
    ("ahead", "state", "text"),
    [
        (0, State.OK, "agrees with the server's"),
        (10, State.OK, "the server's clock is 10 s ahead"),
        (-45, State.WARNING, "the server's clock is 45 s behind"),
        (300, State.PROBLEM, "the server's clock is 300 s ahead"),
    ],
)
def test_clocks_are_compared(ahead: int, state: State, text: str) -> None:
    response = Response(200, {"Date": formatdate(NOW + ahead, usegmt=True)}, b"")
    (finding,) = examine_clock(response, NOW)
    assert finding.state is state
    assert finding.text.startswith(text)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_without_a_date_there_is_nothing_to_compare(headers: dict[str, str]) -> None:
    (finding,) = examine_clock(Response(200, headers, b""), NOW)
    assert finding.state is State.SKIPPED


def test_time_is_the_client_s() -> None:
    answer = envelope({"FATE": "1.6.1"})
    body = json.dumps({"retcode": 0, "data": {"FATE": "1.6.1"}}).encode()
    answer = Response(200, {"Date": formatdate(NOW, usegmt=True)}, body)
    client = FlowClient(plugins=[Server(answer)], clock=ManualClock(NOW + 100))
    findings = {finding.subject: finding for finding in examine_server(client)}
    assert findings["clock"].text.startswith("the server's clock is 100 s behind")
