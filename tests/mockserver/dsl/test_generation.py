"""job/dsl/generate: how its list of components may be written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowkit_mockserver.dsl import DslError, generate_dsl

Json = dict[str, Any]


@pytest.mark.parametrize(
    "given",
    [
        ["reader_0", "dataio_0"],
        "reader_0,dataio_0",
        "[reader_0, dataio_0]",
        "reader_0,\ndataio_0,",
    ],
)
def test_names_can_be_a_list_or_a_text(shop_dsl: Json, given: Any) -> None:
    derived = generate_dsl(given, json.dumps(shop_dsl))

    assert set(derived["components"]) == {"reader_0", "dataio_0"}


@pytest.mark.parametrize("given", ["", [], None, "nope_0", "/a", "a\\b", 5])
def test_other_names_are_refused(shop_dsl: Json, given: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(given, json.dumps(shop_dsl))


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_the_training_dsl_is_json(text: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(["reader_0"], text)


@pytest.mark.parametrize("version", ["1", 1, "3"])
def test_only_version_2_can_be_deployed_in_part(shop_dsl: Json, version: Any) -> None:
    with pytest.raises(DslError):
        generate_dsl(["reader_0"], json.dumps(shop_dsl), version)
