"""The journal: what it keeps of requests, finds of them and asserts about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowkit_mockserver.control.journal.assertions import check_calls
from flowkit_mockserver.control.journal.entries import Exchange
from flowkit_mockserver.control.journal.journal import Journal
from flowkit_mockserver.control.journal.search import ALL_BYTES, NAMESPACE_MOST


def exchange(
    path: str = "/v1/job/query",
    body: Any = None,
    *,
    answer: Any = None,
    status: int = 200,
    query: str = "",
    form: Mapping[str, Any] | None = None,
    test: str | None = None,
    method: str = "POST",
) -> Exchange:
    return Exchange(
        moment=1000.0,
        seconds=0.25,
        method=method,
        path=path,
        query=query,
        body=None if body is None else json.dumps(body).encode(),
        form=form,
        test=test,
        status=status,
        answer=json.dumps(answer or {"retcode": 0, "retmsg": "success"}).encode(),
        hint=None,
    )


def journal_of(*exchanges: Exchange) -> Journal:
    journal = Journal("ci")
    for one in exchanges:
        journal.note(one)
    return journal


def test_an_entry_says_what_was_asked_and_what_became_of_it() -> None:
    refused = {"retcode": 102, "retmsg": "can not found job"}
    journal = journal_of(exchange("/v1/job/stop", {"job_id": "7"}, answer=refused, test="test_a"))

    (entry,) = journal.find()

    assert (entry.number, entry.operation, entry.path) == (1, "job.stop", "job/stop")
    assert (entry.arguments, entry.test, entry.namespace) == ({"job_id": "7"}, "test_a", "ci")
    assert (entry.status, entry.retcode, entry.retmsg) == (200, 102, "can not found job")
    assert (entry.moment, entry.duration, entry.refused) == (1000.0, 0.25, True)
    assert entry.to_document()["operation"] == "job.stop"
    assert str(entry) == ('#1 job.stop {"job_id": "7"} by test_a -> retcode 102: can not found job')


def test_secrets_are_masked() -> None:
    body = {"job_id": "7", "secret_key": "s3cret", "deep": {"password": "hunter2"}}
    echoed = {"retcode": 100, "retmsg": "wrong token=abcdef123456"}
    (entry,) = journal_of(exchange(body=body, answer=echoed)).find()

    assert entry.arguments == {"job_id": "7", "secret_key": "***", "deep": {"password": "***"}}
    assert "abcdef123456" not in str(entry) + str(entry.to_document())


def test_a_sentence_in_the_return_code_is_masked_as_well() -> None:
    echoed = {"retcode": "'token=abcdef123456' tag has been created", "retmsg": "success"}
    (entry,) = journal_of(exchange(answer=echoed)).find()

    assert entry.retcode == "'token=***' tag has been created"


def test_arguments_come_from_query_form_and_body() -> None:
    upload = exchange(
        "/v1/data/upload", query="%7B%22head%22%3A1%7D=&drop=2", form={"file": "a.csv"}
    )
    (entry,) = journal_of(upload).find("data.upload")

    assert entry.arguments == {'{"head":1}': "", "drop": "2", "file": "a.csv"}


def test_a_body_that_is_no_object_is_shown_as_it_is() -> None:
    broken = exchange()
    broken.body = b"{"

    assert journal_of(broken).find()[0].arguments == {"": "{"}


def test_of_a_large_answer_the_end_says_the_retcode() -> None:
    large = exchange()
    large.answer = b'xx"}],"retcode":0,"retmsg":"success"}\n'

    assert journal_of(large).find()[0].retcode == 0


def test_an_answer_that_is_no_envelope_has_no_retcode() -> None:
    page = exchange("/v1/nowhere", status=404)
    page.answer = None

    (entry,) = journal_of(page).find()

    assert (entry.retcode, entry.retmsg, entry.operation) == (None, None, "")
    assert entry.refused


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "job.*"}, [1, 2, 3]),
        ({"operation": "job/q*"}, [1, 2]),
        ({"operation": "job.stop"}, [3]),
        ({"status": 503}, [4]),
        ({"retcode": 102}, [3]),
        ({"refused": True}, [3, 4]),
        ({"refused": False}, [1, 2]),
        ({"test": "b"}, [2]),
        ({"arguments": {"job_id": "1"}}, [1]),
        ({"last": 2}, [3, 4]),
        ({"operation": "job.*", "last": 1}, [3]),
    ],
)
def test_requests_are_found_by_filters(filters: dict[str, Any], numbers: list[int]) -> None:
    journal = journal_of(
        exchange(body={"job_id": "1", "role": "guest"}, test="a"),
        exchange(body={"job_id": "2"}, test="b"),
        exchange("/v1/job/stop", answer={"retcode": 102, "retmsg": "no"}),
        exchange("/v1/table/table_info", answer={"retcode": 503, "retmsg": "x"}, status=503),
    )

    assert [entry.number for entry in journal.find(**filters)] == numbers


def test_a_misspelt_operation_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no operation is called 'job.sumbit'; did you mean 'job"):
        Journal().find("job.sumbit")


def test_the_last_none_are_an_error() -> None:
    with pytest.raises(ValueError, match="last must be a number from 1 on, or none for all, got 0"):
        Journal().find(last=0)


def test_the_oldest_are_forgotten_and_counted() -> None:
    journal = Journal(most=3)
    for number in range(5):
        journal.note(exchange(body={"job_id": str(number)}))

    assert [entry.number for entry in journal.find()] == [3, 4, 5]
    assert (len(journal), journal.forgotten) == (3, 2)


def test_bodies_have_a_limit_together() -> None:
    journal = Journal()
    for _ in range(3):
        large = exchange()
        large.body = b" " * (ALL_BYTES // 2)
        journal.note(large)

    assert journal.forgotten == 2


def test_clearing_counts_anew() -> None:
    journal = journal_of(exchange())
    journal.clear()
    journal.note(exchange())

    assert [entry.number for entry in journal.find()] == [1]


def test_what_was_called_is_returned() -> None:
    journal = journal_of(exchange(), exchange("/v1/job/stop", {"job_id": "1"}))

    assert len(check_calls(journal, "job.*", times=2)) == 2
    assert [entry.number for entry in check_calls(journal, "job.stop")] == [2]
    assert check_calls(journal, "job.rerun", times=0) == []
    check_calls(journal, "job.*", at_least=1, at_most=2)


@pytest.mark.parametrize(
    ("operation", "options", "lines"),
    [
        (
            "job.stop",
            {},
            [
                "job.stop: expected at least 1, got 0",
                "requests that were made:",
                '  #1 job.query {"job_id": "1"} -> retcode 0',
                '  #2 job.query {"job_id": "2"} -> retcode 0',
            ],
        ),
        (
            "job.query",
            {"times": 1},
            [
                "job.query: expected exactly 1, got 2",
                "requests that match:",
                '  #1 job.query {"job_id": "1"} -> retcode 0',
                '  #2 job.query {"job_id": "2"} -> retcode 0',
            ],
        ),
        (
            "job.query",
            {"arguments": {"job_id": "3"}, "at_most": 3, "at_least": 1},
            [
                "job.query, arguments={'job_id': '3'}: expected at least 1 and at most 3, got 0",
                "requests that match but for the rest:",
                '  #1 job.query {"job_id": "1"} -> retcode 0',
                '  #2 job.query {"job_id": "2"} -> retcode 0',
            ],
        ),
    ],
)
def test_a_number_that_is_wrong_is_told_with_what_was_asked(
    operation: str, options: dict[str, Any], lines: list[str]
) -> None:
    journal = journal_of(exchange(body={"job_id": "1"}), exchange(body={"job_id": "2"}))

    with pytest.raises(AssertionError) as raised:
        check_calls(journal, operation, **options)
    assert str(raised.value).splitlines() == lines


def test_nothing_at_all_is_told() -> None:
    with pytest.raises(AssertionError, match="no request was made"):
        check_calls(Journal(), "job.stop")


def test_of_a_large_answer_the_end_is_kept_or_all_when_it_refuses() -> None:
    rows = [{"f_job_id": str(number)} for number in range(1000)]
    done = exchange(answer={"data": rows, "retcode": 0, "retmsg": 'all "well"'})
    refused = exchange(answer={"data": rows, "retcode": 100, "retmsg": "no"})
    done.answer = str(done.answer, "ascii").replace(": ", ":").replace(", ", ",").encode()
    journal = journal_of(done, refused)

    assert [(entry.retcode, entry.retmsg) for entry in journal.find()] == [
        (0, 'all "well"'),
        (100, "no"),
    ]
    assert len(done.answer or b"") == 256
    assert len(refused.answer or b"") > 20_000


def test_a_namespace_keeps_less() -> None:
    own, named = Journal(), Journal("ci")
    for _ in range(NAMESPACE_MOST + 1):
        own.note(exchange())
        named.note(exchange())

    assert (own.forgotten, named.forgotten) == (0, 1)
