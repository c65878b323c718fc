"""Schemas as the later lines tell them."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit_mockserver.data.schemas import anonymous_schema


@pytest.mark.parametrize(
    ("labelled", "found"),
    [
        (
            True,
            {
                "anonymous_header": ["x0"],
                "header": ["x0"],
                "original_index_info": {"header_index": [1], "label_index": 0},
                "anonymous_label": "y",
                "label_name": "y",
            },
        ),
        (
            False,
            {
                "anonymous_header": ["x0", "x1"],
                "header": ["y", "x0"],
                "original_index_info": {"header_index": [0, 1]},
            },
        ),
    ],
)
def test_a_schema_with_a_meta_tells_features_and_label_apart(
    labelled: bool, found: dict[str, Any]
) -> None:
    meta = {"with_label": labelled, "label_name": "y"}

    schema = anonymous_schema({"header": "y,x0", "sid": "id", "meta": meta})

    assert schema == {"sid": "id", "meta": meta, **found}
