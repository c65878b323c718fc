"""Keys of configurations that FATE does not read."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from flowkit import UnknownKey
from flowkit.demo import DATA
from flowkit.inputs.known_keys import warn_of_unknown_job_keys, warn_of_unknown_upload_keys
from flowkit_mockserver import MockServer

CONF = json.loads((DATA / "train_conf.json").read_text())
CASSETTES = Path(__file__).parents[3] / "cassettes" / "inputs"


def test_a_misspelled_key_of_an_upload_is_named_with_the_nearest() -> None:
    conf = {"file": str(DATA / "guest.csv"), "head": 1, "partition": 4, "namspace": "n"}
    with (
        MockServer() as server,
        server.client(on_error="reply") as flow,
        pytest.warns(
            UnknownKey, match="conf_path: FATE reads no 'namspace'; did you mean 'namespace'"
        ) as found,
    ):
        flow.data.upload({**conf, "table_name": "t", "work_mode": 0})
    assert found[0].filename == __file__


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"initator": {}}, "conf_path: FATE reads no 'initator'; did you mean 'initiator'"),
        (
            {"initiator": {"role": "guest", "party": 1}},
            "conf_path.initiator: FATE reads no 'party'",
        ),
        (
            {"job_parameters": {"common": {"task_core": 2}}},
            "common: FATE reads no 'task_core'; did you mean 'task_cores'",
        ),
        ({"job_parameters": {"work_mode": 0}}, "job_parameters: FATE reads no 'work_mode'"),
    ],
)
def test_a_key_of_a_job(changes: dict[str, object], message: str) -> None:
    with pytest.warns(UnknownKey, match=message):
        warn_of_unknown_job_keys("conf_path", {**CONF, **changes})


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*conf.json")), ids=lambda path: path.name)
def test_what_real_jobs_were_submitted_with_is_known(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown_job_keys("conf_path", json.loads(path.read_text()))
        warn_of_unknown_job_keys("conf_path", CONF)


def test_version_1_has_its_parameters_without_common() -> None:
    conf = {"job_parameters": {"work_mode": 0, "processors_per_node": 1}, "role_parameters": {}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown_job_keys("conf_path", conf)


def test_what_is_no_mapping_is_the_servers_to_refuse() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_unknown_job_keys("conf_path", {"initiator": 3, "job_parameters": []})
        warn_of_unknown_upload_keys("conf_path", {"file": "x", "head": 1})
