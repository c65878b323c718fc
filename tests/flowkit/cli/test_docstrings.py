"""Docstrings taken apart for help texts."""

from __future__ import annotations

from flowkit.cli.docstrings import describe, plain


def stop(job_id: str) -> None:
    """Stop a `job`.

    More about it.

    Args:
        job_id: the ``id`` of
            the job.

    Raises:
        OperationError: never.

    Endpoint: ``POST job/stop``.
    """


def test_a_docstring_in_parts() -> None:
    found = describe(stop)
    assert found.text == "Stop a job.\n\nMore about it."
    assert found.summary == "Stop a job."
    assert found.arguments == {"job_id": "the id of the job."}
    assert found.endpoint == "POST job/stop"


def test_marks_of_code_are_taken_off() -> None:
    assert plain("``a`` and `b`") == "a and b"
