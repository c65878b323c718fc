"""The drop-in under a name of its own."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import flow_sdk.client
from fakes import Server, envelope
from flowkit import Group, Operation, Reply, hookimpl
from flowkit.call.model import Effect


@pytest.mark.parametrize("name", ["flowkit.compat", "flowkit.compat.client"])
def test_both_names_give_the_same_class(name: str) -> None:
    assert importlib.import_module(name).FlowClient is flow_sdk.client.FlowClient


def test_it_does_not_import_the_ambiguous_name() -> None:
    code = "import flowkit.compat, sys; print('flow_sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_options_keep_the_official_order() -> None:
    server = Server(envelope([]))
    client = flow_sdk.client.FlowClient("127.0.0.1", 9380, "v1", plugins=[server])
    other = client.with_options(timeout=3)
    assert other.job.query(None, None, None, "lr_0", "failed")["retcode"] == 0
    assert b'"component_name": "lr_0"' in server.requests[0].read()


def test_a_group_of_a_plugin_keeps_its_place() -> None:
    class Jobs(Group):
        """Another kind of jobs."""

        operations = (Operation("job.count", "POST", "job/count", Effect.READ, "Count."),)

        def count(self) -> Reply[int]:
            """Count them."""
            return self._call("job.count")

    class Plugin:
        @hookimpl
        def flowkit_operation_groups(self) -> dict[str, type[Group]]:
            return {"job": Jobs}

    client = flow_sdk.client.FlowClient("127.0.0.1", 9380, "v1", plugins=[Plugin()])
    assert type(client.job) is Jobs  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("keys", [("me", None), (None, "s3cret"), ("me", "")])
def test_half_of_the_credentials_signs_nothing_as_in_the_official_sdk(
    keys: tuple[str | None, str | None],
) -> None:
    client = flow_sdk.client.FlowClient("127.0.0.1", 9380, "v1", *keys)
    assert client.hooks.get("auth") is None
