"""An executor's name leads to its engine; what it lacks is told."""

from __future__ import annotations

import sys

import pytest

from daemons import free_port
from flowkit_mockserver import MockServer
from flowkit_mockserver.computing.engine import ThreadEngine
from flowkit_mockserver.computing.engines import make_engine
from flowkit_mockserver.computing.processes import ProcessEngine
from flowkit_mockserver.settings import Executor
from flowkit_mockserver.state import ServerState


def test_threads_and_processes_need_nothing() -> None:
    assert isinstance(make_engine(Executor()), ThreadEngine)
    engine = make_engine(Executor("processes", 2))
    assert isinstance(engine, ProcessEngine)
    assert engine.pids == []
    engine.close()


def test_a_server_whose_executor_lacks_its_library_says_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(RuntimeError, match=r"pip install 'fate-flowkit\[cluster\]'"):
        MockServer(executor="dask://127.0.0.1:8786")


def test_a_server_whose_cluster_is_not_there_says_where_it_looked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("distributed", reason="a cluster is Dask's, the extra cluster")
    monkeypatch.setattr("flowkit_mockserver.computing.cluster.PATIENCE", 0.5)

    with pytest.raises(OSError, match="no Dask scheduler answers at"):
        MockServer(executor=f"dask://127.0.0.1:{free_port()}")


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'processes:NUMBER' or 'dask://HOST:PORT', got 'fork'"):
        MockServer(executor="fork")


def test_a_server_computes_in_its_callers_thread_by_default() -> None:
    state = ServerState()
    assert isinstance(state.engine, ThreadEngine)
    state.close()
