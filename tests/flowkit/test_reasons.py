"""What the parties said, wherever a server puts it."""

from __future__ import annotations

import json

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, OperationError
from flowkit.reasons import (
    describe_message,
    describe_reasons,
    party_reasons,
    plain_message,
    without_reasons,
)

CORES = "max cores per job is 20, expect 24 cores"
REFUSED = {"retcode": 103, "retmsg": CORES}
FINE = {"retcode": 0, "retmsg": "success"}
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "app.py", line 7, in submit\n    name = table["name"]\nKeyError: \'name\''
)


@pytest.mark.parametrize(
    ("retmsg", "data", "reasons"),
    [
        (
            "create job failed",
            {"guest": {"9999": REFUSED}, "host": {"10000": FINE}},
            {"guest/9999": CORES},
        ),
        (
            "failed",
            {
                "detail": {"guest": {"9999": REFUSED}, "host": {"10000": REFUSED}},
                "guest": {"9999": 100},
                "host": {"10000": 100},
            },
            {"guest/9999": CORES, "host/10000": CORES},
        ),
        ("create job failed", {"guest": {"9999": {"retcode": 100, "retmsg": TRACE}}},
         {"guest/9999": "KeyError: 'name'"}),
        ("x", {"guest": {"9999": {"retcode": 100, "retmsg": ""}}}, {"guest/9999": "retcode 100"}),
        (
            "stop job on this party False;\nstop job failed:\n"
            + json.dumps({"host": {"10000": REFUSED}}, indent=4),
            None,
            {"host/10000": CORES},
        ),
        (
            "Traceback (most recent call last):\nException: "
            + str(("create job failed", {"host": {10000: REFUSED}, "guest": {9999: FINE}})),
            None,
            {"host/10000": CORES},
        ),
        ("components {'x_0'} not exist", None, {}),
        ("an open brace {", None, {}),
        ("no data", {"job_id": "7", "retmsg": "not a party"}, {}),
        ("a list", [1, 2], {}),
        ("{" * 100_000, None, {}),
    ],
)  # fmt: skip
def test_reasons_are_found_party_by_party(
    retmsg: str, data: object, reasons: dict[str, str]
) -> None:
    answer = {"retcode": 100, "retmsg": retmsg, "data": data}
    assert party_reasons(answer) == reasons


def test_a_traceback_within_the_text_of_an_exception_ends_in_its_last_words() -> None:
    text = repr(Exception("Traceback (most recent call last):\nValueError: penalty NOSUCH"))
    answer = {"data": {"guest": {"1": {"retcode": 100, "retmsg": text}}}}
    assert party_reasons(answer) == {"guest/1": "ValueError: penalty NOSUCH"}


def test_parties_that_say_the_same_are_named_together() -> None:
    text = describe_reasons({"guest/1": "no", "host/2": "no", "host/3": "x" * 700})
    assert text == "guest/1, host/2: no; host/3: " + "x" * 600 + "…"


@pytest.mark.parametrize(
    ("message", "head"),
    [
        ("create job failed", "create job failed"),
        (
            f"rerun job failed:\n{json.dumps({'guest': {'1': REFUSED}})}",
            "rerun job failed",
        ),
        (
            "Traceback (most recent call last):\nException: "
            + str(("create job failed", {"guest": {1: REFUSED}})),
            "create job failed",
        ),
    ],
)
def test_the_message_is_left_without_the_parties_words(message: str, head: str) -> None:
    assert without_reasons(message) == head


def test_a_refusal_carries_them() -> None:
    answer = envelope({"guest": {"1": REFUSED}}, retcode=100, retmsg="create job failed")
    flow = FlowClient(plugins=[Server(answer)])
    with pytest.raises(OperationError) as caught:
        flow.job.stop("7")
    assert caught.value.reasons == {"guest/1": CORES}
    assert caught.value.retmsg == "create job failed"
    assert str(caught.value) == f"job.stop: create job failed (retcode 100): guest/1: {CORES}"


def test_a_reply_that_hides_a_refusal_has_them_too() -> None:
    answer = envelope({"detail": {"guest": {"1": REFUSED}}, "guest": {"1": 100}})
    assert FlowClient(plugins=[Server(answer)]).job.stop("7").reasons == {"guest/1": CORES}


TRACED = """Traceback (most recent call last):
  File "job_app.py", line 44, in submit_job
    submit(conf)
"""


@pytest.mark.parametrize(
    ("sent", "plain", "shown"),
    [
        ("no found task", "no found task", "no found task"),
        ("Exception('no found task')", "no found task", "no found task"),
        ("'component_name'", "'component_name'", "'component_name'"),
        ("KeyError('component_name')", "'component_name'", "KeyError: 'component_name'"),
        (f"{TRACED}TypeError: no parameters\n", "no parameters", "TypeError: no parameters"),
        (
            f"{TRACED}fate_flow.utils.dsl_exception.DSLNotExistError: There are no dsl\n",
            "There are no dsl",
            "DSLNotExistError: There are no dsl",
        ),
        (f"{TRACED}Exception: only v2\n", "only v2", "only v2"),
        (f"{TRACED}AssertionError\n", "AssertionError", "AssertionError"),
        ("AssertionError()", "AssertionError", "AssertionError"),
        ("Error(broken", "Error(broken", "Error(broken"),
        (
            "<NotFound '404: Not Found'>",
            "<NotFound '404: Not Found'>",
            "<NotFound '404: Not Found'>",
        ),
    ],
)
def test_a_message_says_the_same_from_every_line(sent: str, plain: str, shown: str) -> None:
    assert plain_message(sent) == plain
    assert describe_message(sent) == shown
