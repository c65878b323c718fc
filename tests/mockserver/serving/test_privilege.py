"""Quick questions are answered without a thread of their own, unless something stands in their way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flowkit_mockserver.serving.privilege import answer_at_once
from flowkit_mockserver.settings import Settings
from flowkit_mockserver.state import ServerState
from jobbing import bench


def test_a_quick_question_is_answered_at_once_when_nothing_stands_in_its_way() -> None:
    state = ServerState()
    done = answer_at_once(state, "/v1/job/query", b"{}")
    assert done is not None

    with ThreadPoolExecutor() as pool:
        assert pool.submit(answer_at_once, state, "/v1/job/query", b"{}").result() is None
    done()

    assert answer_at_once(state, "/v1/job/submit", b"{}") is None
    assert answer_at_once(state, "/v1/job/query", b" " * 10_000) is None
    state.close()


def test_a_question_takes_its_time_when_a_job_is_due() -> None:
    with bench(pace=0.0) as mock:
        mock.submit()

        assert answer_at_once(mock.state, "/v1/job/query", b"{}") is None
        mock.state.settle()
        done = answer_at_once(mock.state, "/v1/job/query", b"{}")
        assert done is not None
        done()


def test_a_question_to_a_database_takes_its_time(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="the extra database is not installed")
    state = ServerState(Settings(database=f"sqlite:///{tmp_path}/shared.sqlite3"))

    assert answer_at_once(state, "/v1/job/query", b"{}") is None
    state.close()
