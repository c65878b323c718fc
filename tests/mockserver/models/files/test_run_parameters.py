from __future__ import annotations

import json
from typing import Any

import pytest

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.files.run_parameters import read_parameters, shown_parameters


def stored() -> dict[str, Any]:
    return {
        "role": {"host": [10000], "guest": [9999]},
        "dsl_version": 2,
        "CodePath": "HeteroLRGuest",
        "ComponentParam": {"penalty": "L2", "init_param": {"init_method": "zeros"}},
        "ComponentParameterSource": "lr_0",
        "local": {"party_id": 9999, "role": "guest"},
        "module": "HeteroLR",
    }


def test_the_conf_comes_before_what_the_user_gave() -> None:
    assert json.dumps(shown_parameters(stored(), in_order=False)) == json.dumps(
        {
            "role": {"host": [10000], "guest": [9999]},
            "dsl_version": 2,
            "local": {"role": "guest", "party_id": 9999},
            "module": "HeteroLR",
            "CodePath": "HeteroLRGuest",
            "ComponentParam": {"penalty": "L2", "init_param": {"init_method": "zeros"}},
            "ComponentParameterSource": "lr_0",
        }
    )


def test_before_1_9_names_are_in_order() -> None:
    shown = shown_parameters(stored(), in_order=True)
    assert list(shown)[:3] == ["dsl_version", "role", "local"]
    assert list(shown["local"]) == ["role", "party_id"]
    assert list(shown["role"]) == ["guest", "host"]
    assert list(shown["ComponentParam"]) == ["init_param", "penalty"]


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(
    "said",
    [{}, {"module": "HeteroLR", "ComponentParam": {"penalty": "L2"}}, {"local": {"role": "host"}}],
)
def test_what_an_archive_leaves_out_stays_out(said: dict[str, Any], in_order: bool) -> None:
    read = read_parameters(json.dumps(said).encode())
    assert shown_parameters(read, in_order=in_order) == said


@pytest.mark.parametrize("content", [b"[]", b"1", b'{"local": "guest"}', b"{", b"\xff"])
def test_what_is_no_map_is_no_parameters(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the texts are those of the decoders
        read_parameters(content)


@pytest.mark.parametrize("content", [b'{"a": "\\ud800"}', b'{"a":' * 101 + b"1" + b"}" * 101])
def test_what_cannot_be_kept_is_refused(content: bytes) -> None:
    with pytest.raises(Refusal):
        read_parameters(content)
