"""What a DSL and a conf say together, and where the data of a job comes from."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.dsl.errors import DslError
from flowkit_mockserver.dsl.parsing import parse

TABLE = {"name": "lines", "namespace": "shop"}


def parts(version: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a DSL and a conf whose only component reads text."""
    conf: dict[str, Any] = {
        "dsl_version": version,
        "initiator": {"role": "guest", "party_id": 1},
        "role": {"guest": [1], "host": [2]},
    }
    if version == 1:
        reader = {"dataio_0": {"module": "DataIO", "input": {"data": {"data": ["args.train"]}}}}
        given = {"args": {"data": {"train": [TABLE]}}}
        conf |= {"job_parameters": {}, "role_parameters": {"guest": given, "host": given}}
    else:
        reader = {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}
        given = {"0": {"reader_0": {"table": TABLE}}}
        conf |= {
            "job_parameters": {"common": {}},
            "component_parameters": {"role": {"guest": given}},
        }
    return {"components": reader}, conf


def test_the_sources_of_version_1_are_arguments() -> None:
    dsl, conf = parts(1)

    parsed = parse(dsl, conf, {})

    assert parsed.sources == {"guest": [{"train": TABLE}], "host": [{"train": TABLE}]}
    assert parsed.inference_dsl["components"].keys() == {"dataio_0"}


def test_the_sources_of_version_2_are_the_parameters_of_readers() -> None:
    dsl, conf = parts(2)

    parsed = parse(dsl, conf, {})

    assert parsed.sources == {"guest": [{"reader_0": {"table": TABLE}}]}
    assert parsed.inference_dsl == {}


def test_an_argument_that_nobody_gives_is_refused() -> None:
    dsl, conf = parts(1)
    dsl["components"]["dataio_0"]["input"]["data"]["data"] = ["args.test"]

    with pytest.raises(DslError) as caught:
        parse(dsl, conf, {})

    assert caught.value.retmsg == "test does not exist in submit conf's data, please check!"


def test_a_list_of_tables_has_one_for_each_party() -> None:
    dsl, conf = parts(1)
    conf["role"]["host"] = [2, 3]

    with pytest.raises(DslError) as caught:
        parse(dsl, conf, {})

    assert caught.value.retmsg == (
        "Role host role parameter train should be a list of same length with roles"
    )


def test_a_mode_is_train_or_predict() -> None:
    dsl, conf = parts(2)
    conf["job_parameters"]["common"]["job_type"] = "guess"

    with pytest.raises(DslError) as caught:
        parse(dsl, conf, {})

    assert caught.value.retmsg == "dsl' s mode should be train or predict"
