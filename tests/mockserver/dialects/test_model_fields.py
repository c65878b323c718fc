"""Fields of models that came with a line."""

from __future__ import annotations

from typing import Any

import pytest

from flowkit.servers import line_of
from flowkit_mockserver.dialects.model_fields import leave_out

NODE = {"id": 0, "moWeight": [], "weight": 0.5}


@pytest.mark.parametrize(("line", "kept"), [("1.7", {"id", "weight"}), ("1.8", set(NODE))])
def test_a_field_is_left_out_wherever_its_message_stands(line: str, kept: set[str]) -> None:
    document: dict[str, Any] = {"trees": [{"tree": [dict(NODE), dict(NODE)]}], "treeNum": 1}
    leave_out("BoostingTreeModelParam@later", document, line_of(line))
    assert [set(node) for node in document["trees"][0]["tree"]] == [kept, kept]
    assert document["treeNum"] == 1


def test_a_line_that_has_all_fields_keeps_all() -> None:
    document = {"transformHostResults": [], "header": ["x0"]}
    leave_out("FeatureBinningParam", document, line_of("1.11"))
    assert document == {"transformHostResults": [], "header": ["x0"]}
    leave_out("FeatureBinningParam", document, line_of("1.8"))
    assert document == {"header": ["x0"]}


def test_a_message_that_nobody_knows_keeps_its_fields() -> None:
    document = {"module": ""}
    leave_out("MessageOfAPlugin", document, line_of("1.7"))
    assert document == {"module": ""}
