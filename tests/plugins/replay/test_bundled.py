"""Every operation replays from the bundled cassettes, with the network out of reach."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from flowkit import OPERATIONS, CassetteError, FlowClient
from flowkit.testing.cassettes import CASSETTES, cases, cassette
from flowkit_replay import Replay

# Nothing listens there, and nothing can: the address is reserved for documentation.
NOWHERE = "http://192.0.2.1"
GUIDE = [operation.name for operation in OPERATIONS if operation.guide]


def test_there_are_41_operations_and_each_has_a_cassette_with_cases() -> None:
    assert len(GUIDE) == 41
    assert {case["operation"] for case in cases()} == set(GUIDE)
    for name in GUIDE:
        assert cassette(name).is_file()


def test_an_unknown_name_is_reported_with_the_nearest() -> None:
    with pytest.raises(CassetteError, match=r"'job.sumbit'; did you mean 'job.submit'\?"):
        cassette("job.sumbit")


def located(value: Any, folder: Path) -> Any:
    """Return arguments whose relative paths lie in `folder`."""
    if isinstance(value, dict):
        return {name: located(item, folder) for name, item in value.items()}
    if isinstance(value, str) and value.startswith(("inputs/", "output")):
        return str(folder / value)
    return value


@pytest.mark.parametrize("name", GUIDE)
def test_the_operation_replays_from_its_cassette(name: str, tmp_path: Path) -> None:
    shutil.copytree(CASSETTES / "inputs", tmp_path / "inputs")
    if name == "model.import_model":
        export(tmp_path)
    replay = Replay(cassette(name), mode="none")
    group, _, method = name.partition(".")
    with FlowClient(NOWHERE, plugins=[replay], on_error="reply") as flow:
        call = getattr(getattr(flow, group), method)
        for case in cases():
            if case["operation"] == name:
                reply = call(**located(case["arguments"], tmp_path))
                assert reply.source == "cassette" or "directory" in reply or "file" in reply, reply
    assert len(replay.unplayed) == (1 if name == "model.load" else 0)


def export(folder: Path) -> None:
    """Export the model that is imported again."""
    case = next(case for case in cases() if case["operation"] == "model.export_model")
    with FlowClient(NOWHERE, plugins=[Replay(cassette("model.export_model"), mode="none")]) as flow:
        flow.model.export_model(**located(case["arguments"], folder))
